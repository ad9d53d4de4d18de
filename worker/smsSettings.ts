/** The settings of SMS, and of how fast messages to many leave. Their meaning: README.md, "Settings". */

export type SmsAccount = { url: string; userKey: string; accessToken: string; sender: string | null; messageType: string };
export type ChannelConfig = {
  /** `undefined`: the simulator beside the embedded mailbox; beside a real mail server none. */
  account: SmsAccount | undefined;
  /** Part of the address at which the provider's receipts come in. `undefined`: they do not. */
  receiptsSecret: string | undefined;
  /** Thousandths of a euro per segment. */
  price: number;
  /** Messages a second; 0: no limit. */
  rates: { email: number; sms: number };
};

const SHORTEST_SECRET = 16;

/** Adds to `problems` what is wrong. */
export function readChannelConfig(read: (name: string) => string | undefined, problems: string[]): ChannelConfig {
  const number = (name: string, normal: number, pattern: RegExp, meaning: string): number => {
    const value = read(name);
    if (value === undefined) return normal;
    if (pattern.test(value)) return Number(value);
    problems.push(`${name} must be ${meaning}, not "${value}"`);
    return normal;
  };
  const receiptsSecret = read('SMS_RECEIPTS_SECRET');
  if (receiptsSecret !== undefined && !new RegExp(`^[A-Za-z0-9_-]{${SHORTEST_SECRET},}$`).test(receiptsSecret)) problems.push(`SMS_RECEIPTS_SECRET must have at least ${SHORTEST_SECRET} letters, digits, "-" or "_": it stands in an address`);
  return {
    account: readAccount(read, problems), receiptsSecret,
    price: Math.round(number('SMS_PRICE', 0, /^\d{1,2}(\.\d{1,3})?$/, 'what a segment costs in euro (0.065)') * 1_000),
    rates: { email: number('MAIL_RATE', 10, /^\d{1,4}(\.\d+)?$/, 'a number of messages a second (0: no limit)'), sms: number('SMS_RATE', 5, /^\d{1,4}(\.\d+)?$/, 'a number of messages a second (0: no limit)') },
  };
}

function readAccount(read: (name: string) => string | undefined, problems: string[]): SmsAccount | undefined {
  const url = read('SMS_URL'), userKey = read('SMS_USER_KEY'), accessToken = read('SMS_ACCESS_TOKEN'), sender = read('SMS_SENDER') ?? null;
  if (url === undefined) {
    if (userKey || accessToken) problems.push('SMS_URL is needed with SMS_USER_KEY and SMS_ACCESS_TOKEN');
    return undefined;
  }
  // The values themselves are not repeated: they may hold a password.
  if (!URL.canParse(url) || !['https:', 'http:'].includes(new URL(url).protocol)) problems.push('SMS_URL must be an address that begins with https:// or http://');
  if (!userKey || !accessToken) problems.push('SMS_USER_KEY and SMS_ACCESS_TOKEN are needed with SMS_URL');
  if (sender !== null && !/^(\+?\d{3,16}|[A-Za-z0-9 .]{1,11})$/.test(sender)) problems.push('SMS_SENDER must be a number, or at most 11 letters and digits that the provider has registered');
  return { url, userKey: userKey ?? '', accessToken: accessToken ?? '', sender, messageType: read('SMS_MESSAGE_TYPE') ?? 'GP' };
}
