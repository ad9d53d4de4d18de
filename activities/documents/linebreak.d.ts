/** The package brings no types of its own. */
declare module 'linebreak' {
  // eslint-disable-next-line no-restricted-syntax -- it is the package's own way.
  export default class LineBreaker {
    constructor(text: string);
    /** `position`: before which code unit a line may end; `required`: it must. Null at the end of the text. */
    nextBreak(): { position: number; required: boolean } | null;
  }
}
