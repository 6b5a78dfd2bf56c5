import { useState } from "preact/hooks";
import { shown, spoken } from "./words";

const LEAST_COLUMN_REM = 6;

type Row = Record<string, unknown>;

/** Text of more letters than this is read as such, not as a value among others. */
const LONG_TEXT = 90;
/** Columns of numbers from 0 to 1 that say how near, or how sure, something is. */
const SHARES = /^(similarity|score|confidence|probability|share|weight)$/;

/** A summary: long texts, plain values as pairs, lists of mappings as tables. */
export function Summary({ summary, without = [] }: { summary: Row; without?: string[] }) {
  const entries = Object.entries(summary).filter(([name, value]) => !without.includes(name) && shown(value) !== "–");
  const texts = entries.filter((entry): entry is [string, string] => isText(entry[1]));
  const tables = entries.filter((entry): entry is [string, Row[]] => isRows(entry[1]));
  const plain = entries.filter(([, value]) => !isRows(value) && !isText(value));
  return (
    <>
      {texts.map(([name, text]) => (
        <Text key={name} name={name} text={text} />
      ))}
      {plain.length > 0 && (
        <dl class="facts">
          {plain.map(([name, value]) => (
            <div key={name}>
              <dt>{spoken(name)}</dt>
              <dd>{shown(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {tables.map(([name, rows]) => (
        <Table key={name} name={name} rows={rows} />
      ))}
    </>
  );
}

function Text({ name, text }: { name: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => navigator.clipboard?.writeText(text).then(() => setCopied(true));
  return (
    <figure class="text">
      <figcaption>
        <span class="label">{spoken(name)}</span>
        {navigator.clipboard && (
          <button type="button" class="tool" onClick={() => void copy()}>
            {copied ? "Copied" : "Copy"}
          </button>
        )}
      </figcaption>
      <blockquote tabIndex={0}>{text}</blockquote>
    </figure>
  );
}

function Table({ name, rows }: { name: string; rows: Row[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shares = columns.filter((column) => SHARES.test(column) && rows.every((row) => isShare(row[column])));
  return (
    <div class="table" tabIndex={0} role="region" aria-label={spoken(name)}>
      <table style={{ minWidth: `${columns.length * LEAST_COLUMN_REM}rem` }}>
        <caption>{spoken(name)}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col" key={column}>
                {spoken(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((column) => (
                <td key={column} class={typeof row[column] === "number" ? "numeric" : undefined}>
                  {shares.includes(column) && (
                    <span class="share" aria-hidden="true">
                      <i style={{ width: `${100 * (row[column] as number)}%` }} />
                    </span>
                  )}
                  {shown(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string" && (value.length > LONG_TEXT || value.includes("\n"));
}

function isShare(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function isRows(value: unknown): value is Row[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => row && typeof row === "object" && !Array.isArray(row))
  );
}
