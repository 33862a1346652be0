import { type Attribute, defineAttribute } from './attribute.js';
import { absolutePath } from './values.js';

const bannerFile = (name: 'banner' | 'banner_success' | 'banner_fail', when: string): Attribute<string> =>
  defineAttribute<string>({
    name,
    where: 'both',
    count: [1, 1],
    text: 'words',
    initial: null,
    usage: 'PATH',
    doc: `A file that is sent to the client of a stream ${when}: its bytes as they are, at most 64 KiB. A client that does not read them is not waited for longer than 5 seconds.`,
    parse: (words, report) => absolutePath(words[0] as string, 'a banner file', report),
    format: (path) => path,
  });

export const banner = bannerFile('banner', 'as soon as it has connected, whatever is decided then');
export const bannerSuccess = bannerFile('banner_success', 'that is let in');
export const bannerFail = bannerFile('banner_fail', 'that is refused');
