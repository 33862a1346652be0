/** Something that a matched rule asks the caller of `decide` to do, with every `%` expanded. */
export type Effect =
  /** Log this request with this level and facility. */
  | { readonly kind: 'severity'; readonly facility: string; readonly level: string }
  /** Run `/bin/sh -c command` with /dev/null as its input and output. */
  | { readonly kind: 'spawn'; readonly command: string }
  | { readonly kind: 'setenv'; readonly name: string; readonly value: string }
  | { readonly kind: 'keepalive' }
  /** 0 turns SO_LINGER off. */
  | { readonly kind: 'linger'; readonly seconds: number }
  | { readonly kind: 'nice'; readonly increment: number }
  | { readonly kind: 'umask'; readonly mask: number }
  /** The credentials of the server; each name exists. null changes nothing. */
  | { readonly kind: 'credentials'; readonly user: string | null; readonly group: string | null }
  /** Send the client this file, if it exists, as `renderBanner` renders it. */
  | { readonly kind: 'banner'; readonly path: string };
