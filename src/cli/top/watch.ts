import { constants } from 'node:os';
import { type ControlClient, ErrorReply, NoAnswer } from '../../control/client.js';
import type { Top } from '../../control/verbs/top.js';
import type { OutputStyle } from '../terminal.js';
import { appendSnapshot } from './figures.js';
import { type Frame, renderFrame, type TopData } from './frame.js';
import { keysOf } from './keys.js';
import type { TopScreen } from './screen.js';
import { type Action, INITIAL, pressKey, type TopState } from './state.js';

/** Runs top on the terminal until the user quits. @returns the exit status. */
export async function watch(control: ControlClient, screen: TopScreen, { color }: OutputStyle, intervalMs: number): Promise<number> {
  return new TopSession(control, screen, color ? 'colours' : 'plain', intervalMs, await control.call('top', {})).run();
}

class TopSession {
  private state: TopState = INITIAL;
  private data: TopData;
  private frame: Frame;
  private timer: NodeJS.Timeout | null = null;
  private isRefreshing = false;
  private readonly ending = new AbortController();
  private end: (status: number) => void = () => {};

  constructor(
    private readonly control: ControlClient,
    private readonly screen: TopScreen,
    private readonly ink: 'colours' | 'plain',
    private readonly intervalMs: number,
    first: Top,
  ) {
    this.data = { history: [first], sessions: null, problem: '' };
    this.frame = this.compose();
  }

  async run(): Promise<number> {
    const ended = new Promise<number>((resolve) => (this.end = resolve));
    try {
      this.screen.open({
        key: (text) => this.press(text),
        resized: () => this.draw(),
        ended: (signal) => this.end(128 + (constants.signals[signal] ?? 0)),
      });
      this.draw();
      this.timer = setTimeout(() => void this.refresh(), this.intervalMs);
      return await ended;
    } finally {
      if (this.timer !== null) clearTimeout(this.timer);
      this.ending.abort();
      this.screen.close();
    }
  }

  private press(text: string): void {
    for (const key of keysOf(text)) {
      const before = this.state.view;
      const { state, action } = pressKey(this.state, key, this.frame.shown);
      this.state = state;
      if (action !== null) this.act(action);
      else if (state.view !== before) void this.refresh();
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
        void this.refresh();
        break;
      case 'redraw':
        break;
      case 'stop':
      case 'start':
        void this.command(`${action.kind} ${action.service}`, () => this.stopOrStart(action.kind, action.service));
        break;
      case 'kick':
        void this.command(`kick ${action.session}`, () => this.kick(action.session));
    }
  }

  /** @returns why it failed, or null. */
  private async stopOrStart(verb: 'stop' | 'start', service: string): Promise<string | null> {
    const { units } = await this.control.call(verb, { services: [service] }, this.ending.signal);
    return units.find(({ error }) => error !== null)?.error ?? null;
  }

  /** @returns why it failed, or null. */
  private async kick(session: number): Promise<string | null> {
    const { left } = await this.control.call('kick', { sessions: [session] }, this.ending.signal);
    return left.length === 0 ? null : 'it could not be ended';
  }

  private async command(what: string, work: () => Promise<string | null>): Promise<void> {
    this.showMessage(`${what} …`);
    try {
      const problem = await work();
      this.showMessage(problem === null ? `${what}: done` : `${what}: ${problem}`);
    } catch (error) {
      this.showMessage(`${what}: ${messageOf(error)}`);
    }
    void this.refresh();
  }

  /** Asks superd for new data, one request at a time, and again one interval after the answer. */
  private async refresh(): Promise<void> {
    if (this.isRefreshing || this.ending.signal.aborted) return;
    this.isRefreshing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    try {
      const [top, sessions] = await Promise.all([
        this.control.call('top', {}, this.ending.signal),
        this.state.view === 'sessions' ? this.control.call('sessions', {}, this.ending.signal) : null,
      ]);
      this.data = { history: appendSnapshot(this.data.history, top), sessions: sessions ?? this.data.sessions, problem: '' };
    } catch (error) {
      if (this.ending.signal.aborted) return;
      // Keeps the last data on the screen: superd may come back.
      this.data = { ...this.data, problem: `${messageOf(error)}; asking again` };
    } finally {
      this.isRefreshing = false;
    }
    this.draw();
    this.timer = setTimeout(() => void this.refresh(), this.intervalMs);
  }

  private showMessage(message: string): void {
    this.state = { ...this.state, message };
    this.draw();
  }

  private draw(): void {
    if (this.ending.signal.aborted) return;
    this.frame = this.compose();
    this.screen.draw(this.frame.lines);
  }

  private compose(): Frame {
    return renderFrame(this.state, this.data, { ...this.screen.size, color: this.ink === 'colours' });
  }
}

/** The message of an error that superd or the connection caused. Throws any other error, which is a defect of superctl. */
function messageOf(error: unknown): string {
  if (error instanceof ErrorReply || error instanceof NoAnswer) return error.message;
  if (error instanceof Error && 'code' in error) return error.message;
  throw error;
}
