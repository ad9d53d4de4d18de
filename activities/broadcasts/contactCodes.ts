/** Sends people the codes by which they show that an address or a number is theirs. */
import type { CodeToSend } from '../../engine/contacts/codes.ts';
import type { Engine } from '../../engine/engine.ts';
import { PermanentFailure, TemporaryFailure } from '../attemptEffect.ts';
import type { Mailer } from '../mailer.ts';
import { Throttled, type SmsProvider } from '../sms/smsProvider.ts';

const AT_ONCE = 10, LEASE_MS = 60_000;
const WORDS = {
  it: { subject: 'Codice di conferma', text: (code: string) => `Il codice per confermare questo indirizzo è ${code}. Vale 30 minuti.\n\nSe non lo hai chiesto tu, non fare nulla: l'indirizzo non verrà usato.\n`, sms: (code: string) => `Il codice per confermare questo numero è ${code}. Vale 30 minuti.` },
  en: { subject: 'Confirmation code', text: (code: string) => `The code to confirm this address is ${code}. It is valid for 30 minutes.\n\nIf you did not ask for it, do nothing: the address will not be used.\n`, sms: (code: string) => `The code to confirm this number is ${code}. It is valid for 30 minutes.` },
} as const;

/** One round. Answers how many were taken up; what a server has no time for is tried again a minute later, until the code is over. */
export async function sendContactCodes({ contactCodes }: Pick<Engine, 'contactCodes'>, mailer: Mailer, sms: SmsProvider | null): Promise<number> {
  const codes = await contactCodes.claim(AT_ONCE, LEASE_MS);
  for (const code of codes) {
    try {
      await send(code, mailer, sms);
      await contactCodes.sent(code.nonce, null);
    } catch (error) {
      if (error instanceof PermanentFailure) await contactCodes.sent(code.nonce, error.message.replaceAll(code.address, '…').slice(0, 300));
      else if (!(error instanceof TemporaryFailure || error instanceof Throttled)) throw error;
    }
  }
  return codes.length;
}

async function send({ channel, address, lang, code, nonce }: CodeToSend, mailer: Mailer, sms: SmsProvider | null): Promise<void> {
  const words = WORDS[lang];
  if (channel === 'email') {
    await mailer.send({ to: address, subject: words.subject, text: words.text(code), lang, messageId: `${nonce}@${mailer.domain}`, thread: `code.${nonce}@${mailer.domain}`, sender: null, certified: false });
    return;
  }
  if (sms === null) throw new PermanentFailure('no SMS provider is set up (SMS_URL)', { code: 'no-provider' });
  if (await sms.find({ id: nonce, to: address }) === null) await sms.send({ id: nonce, to: address, text: words.sms(code) });
}
