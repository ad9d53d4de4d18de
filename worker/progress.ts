/** Tells a person at a terminal what takes long, and stays quiet about what does not. */

const QUIET_MS = 2_000;
const REPEAT_MS = 10_000;

export type ProgressOptions = {
  /** What it usually takes, such as "8 minutes", told beside the elapsed time. */
  usually?: string;
  write?: (line: string) => void;
};

/** Replaces the detail that the next progress line shows. */
export type Note = (text: string) => void;

/**
 * Runs `work` and prints plain lines while it takes longer than two seconds: the label, then every ten seconds the
 * time gone and the work's last note, then its end. Lines, not a redrawn bar: they read the same in a log.
 */
export async function withProgress<T>(label: string, work: (note: Note) => Promise<T>, options: ProgressOptions = {}): Promise<T> {
  // Standard error: what a command prints is for whoever called it.
  const write = options.write ?? ((line: string) => process.stderr.write(`${line}\n`));
  const began = performance.now();
  const elapsed = () => {
    const seconds = Math.round((performance.now() - began) / 1000);
    return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  };
  let detail = '';
  let told = false;
  const first = setTimeout(() => {
    told = true;
    write(`  ${label} …${options.usually ? ` (usually ${options.usually})` : ''}`);
  }, QUIET_MS);
  const repeat = setInterval(() => write(`  ${label} … ${elapsed()}${detail && `, ${detail}`}`), REPEAT_MS);
  try {
    const result = await work((text) => (detail = text));
    if (told) write(`  ${label}: done in ${elapsed()}`);
    return result;
  } finally {
    clearTimeout(first);
    clearInterval(repeat);
  }
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
