/**
 * Services that answer whatever comes, above port 1023, below the ports that the kernel gives to clients (32768 and on, where a client
 * would now and then be taken for a service).
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
 * Whether an answer to a datagram from this port may be answered in its turn, and so on for ever, or be what a forger of the sender's
 * address is after.
 *
 * Below 1024 are the services of old (echo, chargen, DNS, NTP, SNMP…), and no client of these few services has reason to be there; xinetd
 * refused them too, until 2.3.14. Port 0 is nobody's.
 *
 * @param own Ports on which superd answers datagrams itself: here, and on other machines with the same configuration.
 * @example isReflector(7, new Set()) // true
 */
export function isReflector(port: number, own: ReadonlySet<number>): boolean {
  return port < 1024 || REFLECTORS.has(port) || own.has(port);
}

/** echo, systat, daytime, netstat, qotd, chargen, time: whatever comes is a request to them, an answer too. */
const ANSWER_ANYTHING: ReadonlySet<number> = new Set([0, 7, 11, 13, 15, 17, 19, 37]);

/**
 * Whether whatever comes to this port is answered.
 *
 * @example answersAnything(19) // true
 */
export const answersAnything = (port: number): boolean => ANSWER_ANYTHING.has(port);

const NONE: ReadonlySet<number> = new Set();

/**
 * Whether datagrams from this port are not passed on, because the answers might be answered in their turn.
 *
 * @param spoken Ports of the service and its targets. Many protocols are spoken from such a port to such a port (NTP, syslog, SIP, IKE), so
 * their clients are let in from there, unless it is one that answers anything.
 * @example mayAnswerAnswers(123, new Set([123])) // false
 */
export function mayAnswerAnswers(port: number, spoken: ReadonlySet<number>): boolean {
  return ANSWER_ANYTHING.has(port) || (isReflector(port, NONE) && !spoken.has(port));
}
