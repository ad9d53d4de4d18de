/** Which files are taken: the content decides, and the name must not say otherwise. */
import { fileTypeFromBuffer } from 'file-type';
import { Problem } from '../engine/problems.ts';

const ACCEPTED: Record<string, string[]> = {
  'application/pdf': ['pdf'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
};

/** The media type of the content. Throws Problem `unsupported-file` for any other content, and for a file renamed to look like another. */
export async function mediaTypeOf(content: Buffer, name: string): Promise<string> {
  const found = await fileTypeFromBuffer(content).catch(() => undefined);
  const extensions = found && Object.hasOwn(ACCEPTED, found.mime) ? ACCEPTED[found.mime]! : undefined;
  if (!found || !extensions) throw new Problem('unsupported-file', `Only PDF, JPEG and PNG files are accepted; this one is ${found ? found.mime : 'none of them'}.`);
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase();
  if (extension !== undefined && !extensions.includes(extension)) throw new Problem('unsupported-file', `The file is named .${extension} but its content is ${found.mime}.`);
  return found.mime;
}
