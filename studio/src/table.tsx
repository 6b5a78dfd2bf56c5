import { shown, spoken } from "./words";

type Row = Record<string, unknown>;

/** A summary: its plain values as pairs, its lists of mappings as tables. */
export function Summary({ summary, without = [] }: { summary: Row; without?: string[] }) {
  const entries = Object.entries(summary).filter(([name, value]) => !without.includes(name) && shown(value) !== "–");
  const plain = entries.filter(([, value]) => !isRows(value));
  const tables = entries.filter((entry): entry is [string, Row[]] => isRows(entry[1]));
  return (
    <>
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

function Table({ name, rows }: { name: string; rows: Row[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <div class="table" tabIndex={0} role="region" aria-label={spoken(name)}>
      <table>
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

function isRows(value: unknown): value is Row[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => row && typeof row === "object" && !Array.isArray(row))
  );
}
