/** The address, or the network device, may come later: at boot, with DHCP, or when a virtual address moves to this machine. */
const ABSENT: ReadonlySet<unknown> = new Set(['EADDRNOTAVAIL', 'ENODEV']);

/**
 * Whether a socket cannot be opened because this machine does not have its address yet.
 *
 * @example lacksAddress(new SystemError('bind', 99, '192.0.2.7 port 80')) // true
 */
export function lacksAddress(error: unknown): boolean {
  return ABSENT.has((error as { readonly code?: unknown }).code);
}
