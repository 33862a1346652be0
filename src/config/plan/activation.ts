/** What starts a service. */
export type Activation = 'request' | 'boot' | 'lazy' | 'internal' | 'redirect';
