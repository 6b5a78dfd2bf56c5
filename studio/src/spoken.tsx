import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { api, type ResultFile, type Word } from "./api";
import { seek, toggle, useTime } from "./media";

/** How the names of files with the times of words end. */
export const WORDS = ".words.json";
/** More than a page can well show: a book's words are not. */
export const MOST_WORDS = 5000;

/** The file that has the times of the words of a result. */
export function timesOf(files: ResultFile[]): ResultFile | undefined {
  return files.find((file) => file.name.endsWith(WORDS));
}

/** What is said, the word that sounds being lit; a click plays from a word. */
export function Spoken({ file, media }: { file: ResultFile; media: HTMLMediaElement }) {
  const [words, setWords] = useState<Word[]>([]);
  const text = useRef<HTMLParagraphElement>(null);
  const lit = useRef(-1);
  useEffect(() => {
    let current = true;
    api.words(file).then(
      (found) => current && found.length <= MOST_WORDS && setWords(found),
      () => undefined,
    );
    return () => void (current = false);
  }, [file.url]);
  const frame = useCallback(
    (time: number) => {
      const now = words.findIndex((one) => time >= one.start_s && time < one.end_s);
      if (now === lit.current || !text.current) return;
      text.current.children[lit.current]?.classList.remove("now");
      text.current.children[now]?.classList.add("now");
      lit.current = now;
    },
    [words],
  );
  useTime(media, frame);
  if (!words.length) return null;
  return (
    <p class="spoken" ref={text} aria-label="Words with times">
      {words.map((one, index) => (
        <button
          type="button"
          key={index}
          onClick={() => {
            seek(media, one.start_s);
            if (media.paused) toggle(media);
          }}
        >
          {one.text}
        </button>
      ))}
    </p>
  );
}
