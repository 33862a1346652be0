/**
 * Services that answer any datagram, on ports above 1023 and below those that the kernel gives to clients (from 32768, where superd would
 * sometimes take a client for a service).
 */
const REFLECTORS: ReadonlySet<number> = new Set([
  1434, // SQL Server's browser
  1604, // ICA
  1701, // L2TP
  1900, // SSDP
  3283, // Apple's Remote Desktop
  3478, // STUN
  3702, // WS-Discovery
  5060, // SIP
  5093, // Sentinel
  5351, // NAT-PMP
  5353, // multicast DNS
  5355, // LLMNR
  5683, // CoAP
  10001, // Ubiquiti's discovery
  11211, // memcached
  17185, // VxWorks' debugger
  26000, // games
  27015,
  27960,
  30718, // Lantronix
  32414, // Plex
]);

/**
 * Whether a service may live on this port, so that an answer to it could be answered in turn without end, or serve a forger of the
 * sender's address.
 *
 * The old services (echo, chargen, DNS, NTP, SNMP…) have ports below 1024, and no client of superd's built-in services has reason to use
 * one; xinetd refused them too, until 2.3.14. No client has port 0.
 *
 * @param own Ports on which superd itself answers datagrams: on this machine, and on others with the same configuration.
 * @example isReflector(7, new Set()) // true
 */
export function isReflector(port: number, own: ReadonlySet<number>): boolean {
  return port < 1024 || REFLECTORS.has(port) || own.has(port);
}

/** echo, systat, daytime, netstat, qotd, chargen, time: they answer any datagram, even an answer. */
const ANSWER_ANYTHING: ReadonlySet<number> = new Set([0, 7, 11, 13, 15, 17, 19, 37]);

/**
 * Whether a service on this port answers any datagram.
 *
 * @example answersAnything(19) // true
 */
export const answersAnything = (port: number): boolean => ANSWER_ANYTHING.has(port);

const NONE: ReadonlySet<number> = new Set();

/**
 * Whether superd must not relay datagrams from this port, because the answers might be answered in turn.
 *
 * @param spoken Ports of the service and its upstreams. Clients of many protocols use the port of the service themselves (NTP, syslog, SIP,
 * IKE), so superd admits them, except from a port that answers any datagram.
 * @example mayAnswerAnswers(123, new Set([123])) // false
 */
export function mayAnswerAnswers(port: number, spoken: ReadonlySet<number>): boolean {
  return ANSWER_ANYTHING.has(port) || (isReflector(port, NONE) && !spoken.has(port));
}
