import { withFormat, type FileKind, type ResultFile } from "./api";
import { base, suffix } from "./files";
import { WORDS } from "./spoken";
import { size } from "./words";

const FORMATS = ["wav", "flac", "mp3"];
const NAMES: Partial<Record<FileKind, string>> = {
  notes: "MIDI",
  picture: "Picture",
  sidecar: "Recipe",
  bundle: "Bundle",
  codes: "Codes",
};

interface Given {
  files: ResultFile[];
  main?: ResultFile;
  stems: ResultFile[];
  transcript?: ResultFile;
}

/** Every file of a result, and its sound in other formats. */
export function Downloads({ files, main, stems, transcript }: Given) {
  const others = files.filter((file) => file !== main && !stems.includes(file));
  return (
    <div class="downloads" role="group" aria-label="Download">
      <span class="label">Download</span>
      {main && <Sound file={main} />}
      {others.map((file) => (
        <a
          class="button small"
          key={file.name}
          href={file.url}
          download={base(file.name)}
          title={`${file.name}, ${size(file.bytes)}`}
        >
          {file.name.endsWith(WORDS) ? "Words" : ((file !== transcript && NAMES[file.kind]) || suffix(file.name))}
        </a>
      ))}
      {stems.length > 0 && (
        <details class="stems">
          <summary>Stems</summary>
          <ul>
            {stems.map((file) => (
              <li key={file.name}>
                <a href={file.url} download={base(file.name)}>
                  {base(file.name)}
                </a>{" "}
                <span class="hint">{size(file.bytes)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Sound({ file }: { file: ResultFile }) {
  const own = suffix(file.name);
  const stem = base(file.name).slice(0, -own.length - 1);
  return (
    <>
      <a class="button small" href={file.url} download={base(file.name)} title={`${file.name}, ${size(file.bytes)}`}>
        {own.toUpperCase()}
      </a>
      {FORMATS.filter((format) => format !== own).map((format) => (
        <a class="button small" key={format} href={withFormat(file, format)} download={`${stem}.${format}`}>
          {format.toUpperCase()}
        </a>
      ))}
    </>
  );
}
