/** The words in which Skebby and Aruba say what became of an SMS, and what they mean to us. */

const WORDS: Record<string, 'sending' | 'delivered' | 'permanentFailure' | 'technicalFailure'> = {
  WAITING: 'sending', SENT: 'sending', WAIT4DLVR: 'sending', SCHEDULED: 'sending', DLVRD: 'delivered',
  // The number: nobody will ever be reached there.
  UNKNRCPT: 'permanentFailure', UNKNPFX: 'permanentFailure', INVALIDDST: 'permanentFailure', BLACKLISTED: 'permanentFailure', INVALIDCONTENTS: 'permanentFailure',
  // The network, the provider or our account with it: another SMS may pass.
  ERROR: 'technicalFailure', TIMEOUT: 'technicalFailure', KO: 'technicalFailure', TOOM4NUM: 'technicalFailure', TOOM4USER: 'technicalFailure', DEMO: 'technicalFailure',
};

/** A word that we do not know says nothing: the SMS stays under way. */
export function smsStateOf(status: string): 'sending' | 'delivered' | 'permanentFailure' | 'technicalFailure' {
  return Object.hasOwn(WORDS, status.toUpperCase()) ? WORDS[status.toUpperCase()]! : 'sending';
}

export const orderOf = (deliveryId: string): string => deliveryId.replaceAll('-', '');
/** Null: not an order of ours. */
export function deliveryOf(order: string): string | null {
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(order);
  return parts ? parts.slice(1).join('-') : null;
}
