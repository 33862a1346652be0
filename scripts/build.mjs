// `npm run build`: the addon, then the bundles.
await import('./build-native.mjs');
await import('./build-bundle.mjs');
