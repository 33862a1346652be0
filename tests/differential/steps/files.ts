import { existsSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { patiently } from '../patiently.js';
import type { Verb } from '../steps.js';

/** What is done with files. Names are counted from the scenario's directory. */
export const fileSteps: Readonly<Record<string, Verb>> = {
  /** write FILE TEXT */
  write(world, request) {
    writeFileSync(world.path(request.word(0, 'write FILE TEXT')), request.word(1, 'write FILE TEXT'));
    return [];
  },

  /** move FILE FILE */
  move(world, request) {
    const file = request.word(0, 'move FILE FILE');
    renameSync(world.path(file), world.path(request.word(1, 'move FILE FILE')));
    world.shown.delete(`log ${file}`);
    return [];
  },

  /** remove FILE */
  remove(world, request) {
    rmSync(world.path(request.word(0, 'remove FILE')));
    return [];
  },

  /** link FILE TARGET */
  link(world, request) {
    symlinkSync(world.path(request.word(1, 'link FILE TARGET')), world.path(request.word(0, 'link FILE TARGET')));
    return [];
  },

  /** show FILE [PATTERN] [within SECONDS]: waits until it is there and has a matching line, and shows the lines that match. */
  async show(world, request) {
    const file = request.word(0, 'show FILE [PATTERN]');
    const pattern = new RegExp(request.words[1] ?? '');
    const lines = () => world.lines(file).filter((line) => pattern.test(line));
    await patiently(request, `${pattern} in ${file}`, world, () => lines().length > 0);
    return lines().length > 0 ? lines() : ['nothing'];
  },

  /** there FILE: whether it is, and its mode. */
  there(world, request) {
    const path = world.path(request.word(0, 'there FILE'));
    if (!existsSync(path)) return ['no'];
    return [`mode ${(statSync(path).mode & 0o7777).toString(8)}`];
  },
};
