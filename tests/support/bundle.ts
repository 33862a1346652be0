import { build, stop } from 'esbuild';

/** Makes one program of TypeScript modules, for Node to run as a process. `contents` may import from `directory`. */
export async function bundle(source: { readonly contents: string; readonly directory: string }, outfile: string): Promise<void> {
  const stdin = { contents: source.contents, resolveDir: source.directory, loader: 'ts' } as const;
  await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  // Ends esbuild's own process.
  await stop();
}
