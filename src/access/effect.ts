/** Something that a matched rule asks its caller to do, with every `%` expanded. Deciding does none of it. */
export type Effect =
  /** Log this request at that level and facility. */
  | { readonly kind: 'severity'; readonly facility: string; readonly level: string }
  /** Run `/bin/sh -c command` with nothing to read and nowhere to write. */
  | { readonly kind: 'spawn'; readonly command: string }
  | { readonly kind: 'setenv'; readonly name: string; readonly value: string }
  | { readonly kind: 'keepalive' }
  /** 0 turns SO_LINGER off. */
  | { readonly kind: 'linger'; readonly seconds: number }
  | { readonly kind: 'nice'; readonly increment: number }
  | { readonly kind: 'umask'; readonly mask: number }
  /** The credentials of the server; each name is known to exist. null leaves it alone. */
  | { readonly kind: 'credentials'; readonly user: string | null; readonly group: string | null }
  /** Send the client this file, if it is there, as `renderBanner` writes it. */
  | { readonly kind: 'banner'; readonly path: string };
