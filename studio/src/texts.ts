// Texts of transcriptions that were mended by hand: the browser keeps them, until their piece is deleted.

const STORE = "menura-text ";

/** The texts of a file's segments; null where none was changed. */
export function textsOf(file: string): string[] | null {
  try {
    return JSON.parse(localStorage.getItem(STORE + file) ?? "null") as string[] | null;
  } catch {
    return null;
  }
}

export function keepTexts(file: string, texts: string[]): void {
  try {
    localStorage.setItem(STORE + file, JSON.stringify(texts));
  } catch {
    // Storage is full or forbidden: they last as long as they are looked at.
  }
}

/** Those of a file, or of all files of a job. */
export function forgetTexts(file: string): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(STORE + file)) localStorage.removeItem(key);
  } catch {
    // There was nothing to be forgotten.
  }
}
