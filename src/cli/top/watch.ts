import { constants } from 'node:os';
import { Answered, type ControlClient, NoAnswer } from '../../control/client.js';
import type { Top } from '../../control/verbs/top.js';
import type { OutputStyle } from '../terminal.js';
import { remember } from './figures.js';
import { keysOf } from './keys.js';
import { type Data, type Picture, picture } from './picture.js';
import type { TopScreen } from './screen.js';
import { type Action, INITIAL, press, type TopState } from './state.js';

/** Shows superd as it lives, until somebody has seen enough. @returns the exit status. */
export async function watch(control: ControlClient, screen: TopScreen, { color }: OutputStyle, intervalMs: number): Promise<number> {
  const watching = new TopSession(control, screen, color ? 'colours' : 'plain', intervalMs, await control.call('top', {}));
  return watching.run();
}

/** One person before one superd. */
class TopSession {
  private state: TopState = INITIAL;
  private data: Data;
  private picture: Picture;
  private timer: NodeJS.Timeout | null = null;
  private looking = false;
  private readonly over = new AbortController();
  private end: (status: number) => void = () => {};

  constructor(
    private readonly control: ControlClient,
    private readonly screen: TopScreen,
    private readonly ink: 'colours' | 'plain',
    private readonly intervalMs: number,
    first: Top,
  ) {
    this.data = { history: [first], sessions: null, trouble: '' };
    this.picture = this.compose();
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => (this.end = resolve));
    try {
      this.screen.open({
        key: (text) => this.keys(text),
        resized: () => this.draw(),
        ended: (signal) => this.end(128 + (constants.signals[signal] ?? 0)),
      });
      this.draw();
      this.timer = setTimeout(() => void this.look(), this.intervalMs);
      return await ended;
    } finally {
      if (this.timer !== null) clearTimeout(this.timer);
      this.over.abort();
      this.screen.close();
    }
  }

  private keys(text: string): void {
    for (const key of keysOf(text)) {
      const before = this.state.view;
      const { state, action } = press(this.state, key, this.picture.shown);
      this.state = state;
      if (action !== null) this.act(action);
      else if (state.view !== before) void this.look();
      this.draw();
    }
  }

  private act(action: Action): void {
    switch (action.kind) {
      case 'quit':
        this.end(0);
        break;
      case 'suspend':
        this.screen.suspend();
        break;
      case 'refresh':
        void this.look();
        break;
      case 'redraw':
        break;
      case 'stop':
      case 'start':
        void this.command(`${action.kind} ${action.service}`, () => this.tell(action.kind, action.service));
        break;
      case 'kick':
        void this.command(`kick ${action.session}`, () => this.kick(action.session));
    }
  }

  /** @returns what is in the way, or null. */
  private async tell(verb: 'stop' | 'start', service: string): Promise<string | null> {
    const { units } = await this.control.call(verb, { services: [service] }, this.over.signal);
    return units.find(({ error }) => error !== null)?.error ?? null;
  }

  private async kick(session: number): Promise<string | null> {
    const { left } = await this.control.call('kick', { sessions: [session] }, this.over.signal);
    return left.length === 0 ? null : 'it could not be ended';
  }

  private async command(what: string, work: () => Promise<string | null>): Promise<void> {
    this.say(`${what} …`);
    try {
      const problem = await work();
      this.say(problem === null ? `${what}: done` : `${what}: ${problem}`);
    } catch (error) {
      this.say(`${what}: ${messageOf(error)}`);
    }
    void this.look();
  }

  /** One look at a time; the next comes an interval after it. */
  private async look(): Promise<void> {
    if (this.looking || this.over.signal.aborted) return;
    this.looking = true;
    if (this.timer !== null) clearTimeout(this.timer);
    try {
      const [top, sessions] = await Promise.all([
        this.control.call('top', {}, this.over.signal),
        this.state.view === 'sessions' ? this.control.call('sessions', {}, this.over.signal) : null,
      ]);
      this.data = { history: remember(this.data.history, top), sessions: sessions ?? this.data.sessions, trouble: '' };
    } catch (error) {
      if (this.over.signal.aborted) return;
      // superd may come back, and what it was is worth seeing.
      this.data = { ...this.data, trouble: `${messageOf(error)}; asking again` };
    } finally {
      this.looking = false;
    }
    this.draw();
    this.timer = setTimeout(() => void this.look(), this.intervalMs);
  }

  private say(said: string): void {
    this.state = { ...this.state, said };
    this.draw();
  }

  private draw(): void {
    if (this.over.signal.aborted) return;
    this.picture = this.compose();
    this.screen.draw(this.picture.lines);
  }

  private compose(): Picture {
    return picture(this.state, this.data, { ...this.screen.size, color: this.ink === 'colours' });
  }
}

/** What superd says, or why it says nothing; anything else is a mistake of ours, and ends us. */
function messageOf(error: unknown): string {
  if (error instanceof Answered || error instanceof NoAnswer) return error.message;
  if (error instanceof Error && 'code' in error) return error.message;
  throw error;
}
