import { runLater } from '../../guarded.js';
import { boolean, object } from '../schema.js';
import { defineVerb } from '../verb.js';

export const shutdown = defineVerb({
  name: 'shutdown',
  role: 'admin',
  params: object({}),
  result: object({ ending: boolean() }),
  run(_, { daemon }) {
    // The answer must leave first: the socket closes with superd.
    runLater(() => daemon.shutdown(), ANSWER_MS);
    return { ending: true };
  },
});

const ANSWER_MS = 20;
