/** Telephone numbers as people write them, and as networks read them (E.164). */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Numbers without a country's prefix are Italian. Null: it is none that takes an SMS. */
export function mobileNumber(text: string): string | null {
  const number = parsePhoneNumberFromString(text, 'IT');
  if (!number?.isValid()) return null;
  // Some countries do not tell mobile numbers from others.
  return ['MOBILE', 'FIXED_LINE_OR_MOBILE', 'PERSONAL_NUMBER'].includes(number.getType() ?? '') ? number.number : null;
}
