/** The words of a message to one recipient, in their language. */
import type { BroadcastInput, Plugin } from '../../plugins/contract.ts';

export interface Recipient {
  userId: string;
  name: string;
  lang: 'it' | 'en';
  pupils: { id: string; name: string; class: string }[];
}
export interface Words { subject: string; text: string; sms: string }
export interface Rendering { template: string; number: string | null; sender: string; data: BroadcastInput['data']; acknowledge: { by: string | null } | null }

/** The plugin's template threw or is not there: an operator must see it. */
export class BrokenTemplate extends Error {
  override name = 'BrokenTemplate';
}

/** `link`: where the recipient takes note without signing in. An SMS is what is counted and sent, to the character. Throws BrokenTemplate. */
export function renderBroadcast({ process, broadcasts }: Plugin, { template, number, sender, data, acknowledge }: Rendering, { name, lang, pupils }: Pick<Recipient, 'name' | 'lang' | 'pupils'>, link: string | null): Words {
  const texts = broadcasts?.[template];
  if (!texts) throw new BrokenTemplate(`the process "${process}" has no broadcast "${template}"`);
  try {
    const words = texts[lang]({ number, data, sender, acknowledge, link, recipient: { name, pupils: pupils.map(pupil => ({ name: pupil.name, class: pupil.class })) } });
    // One character for an accented letter, and for a line break: as short as it can be written.
    return { ...words, sms: words.sms.normalize('NFC').replaceAll(/\r\n?/g, '\n').trim() };
  } catch (error) {
    throw new BrokenTemplate(`the broadcast "${template}" could not be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
