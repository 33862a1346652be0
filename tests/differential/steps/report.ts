import { Connection } from '../../support/client.js';
import type { SelfReport } from '../../support/self-report.js';
import type { Verb } from '../steps.js';

/** What a server got, as `report-self.c` tells it. */
export const reportSteps: Readonly<Record<string, Verb>> = {
  /** report FIELD…: asks the service, whose server is {report-self.c}, and shows these fields: all, if none is named; `after TEXT` is sent first. */
  async report(world, { words, options }) {
    const from = options.get('from');
    const target = {
      port: world.port(options.get('to') ?? 'A'),
      host: options.get('via') ?? '127.0.0.1',
      ...(from === undefined ? {} : { from }),
    };
    const connection = await Connection.open(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return null;
      throw error;
    });
    if (connection === null) return ['refused'];
    const first = options.get('after');
    if (first !== undefined) connection.send(first);
    const text = await connection.readToEnd();
    if (text === '') return [`nothing, ${connection.ending}`];
    const fields = describe(JSON.parse(text) as SelfReport, world.pid);
    const wanted = words.length === 0 ? Object.keys(fields) : words;
    return wanted.flatMap((name) => {
      const lines = fields[name];
      if (lines === undefined) throw new Error(`no field ${name}; there are ${Object.keys(fields).join(', ')}`);
      return lines.map((line) => `${name}: ${line}`);
    });
  },
};

function describe(report: SelfReport, daemon: number): Record<string, readonly string[]> {
  const { pid, descriptors, limits } = report;
  return {
    argv: report.argv.map((word) => JSON.stringify(word)),
    environment: report.environment
      .map((entry) => entry.replace(/^PATH=.*/s, 'PATH=$PATH').replace(/^REMOTE_PORT=\d+$/, 'REMOTE_PORT=N'))
      .sort(),
    uids: [report.uids.join(' ')],
    gids: [report.gids.join(' ')],
    groups: [report.groups.join(' ') || 'none'],
    cwd: [report.cwd],
    umask: [report.umask.toString(8).padStart(3, '0')],
    nice: [String(report.nice)],
    session: [
      `${report.pgid === pid ? 'leads its group' : 'in a group'}, ${report.sid === pid ? 'leads its session' : 'in a session'}, ${report.terminal ? 'a terminal' : 'no terminal'}`,
    ],
    parent: [report.ppid === daemon ? 'the daemon' : 'another process'],
    descriptors: descriptors.map(
      ({ fd, socket, nonblocking, closeOnExec, access }) =>
        `${fd} ${socket ? 'socket' : 'file'}, ${['read', 'write', 'read and write'][access]}, ${nonblocking ? 'nonblocking' : 'blocking'}${closeOnExec ? ', close-on-exec' : ''}`,
    ),
    keepalive: [String(report.keepalive)],
    nodelay: [String(report.nodelay)],
    signals: [`blocked ${report.SigBlk}, ignored ${report.SigIgn}`],
    capabilities: [Number.parseInt(report.CapEff, 16) === 0 ? 'none' : 'some'],
    limits: Object.entries(limits).map(([name, [soft, hard]]) => `${name} ${soft} ${hard}`),
    files: [limits.files.join(' ')],
    as: [limits.as.join(' ')],
    cpu: [limits.cpu.join(' ')],
    data: [limits.data.join(' ')],
    rss: [limits.rss.join(' ')],
    stack: [limits.stack.join(' ')],
  };
}
