/** How many messages an SMS is sent and paid as: 160 characters of GSM-7 in one, 153 in each of several; 70 and 67 where one character is not of GSM-7. */
import { SegmentedMessage } from 'sms-segments-calculator';

export interface SmsSize {
  encoding: 'GSM-7' | 'UCS-2';
  segments: number;
  /** Characters as they are counted: of GSM-7's extension (€ [ ] { } ^ ~ | \) two each. */
  units: number;
  /** More than providers take: 1,000 characters of GSM-7 or 450 of UCS-2 (Skebby's and Aruba's "Send an SMS message", field `message`), seven parts. */
  tooLong: boolean;
  /** Characters that make it UCS-2, each once: with others in their place it would cost less. */
  costly: string[];
}

const GSM7_UNIT_BITS = 7, UCS2_UNIT_BITS = 16;
const LONGEST = { 'GSM-7': 1_000, 'UCS-2': 450 };

/** Line breaks count one, as providers send them (LF). */
export function smsSize(text: string): SmsSize {
  const message = new SegmentedMessage(text.replaceAll(/\r\n?/g, '\n'), 'auto');
  const encoding = message.encodingName, units = message.messageSize / (encoding === 'GSM-7' ? GSM7_UNIT_BITS : UCS2_UNIT_BITS);
  return {
    encoding, segments: message.segmentsCount, units, tooLong: units > LONGEST[encoding],
    costly: encoding === 'GSM-7' ? [] : [...new Set(message.encodedChars.filter(({ isGSM7 }) => !isGSM7).map(({ raw }) => raw))],
  };
}
