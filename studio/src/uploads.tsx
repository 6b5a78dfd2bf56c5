import { useEffect, useState } from "preact/hooks";
import { api, type Upload } from "./api";
import { Bin } from "./icons";
import { useStore } from "./state";
import { removeLater } from "./undo";
import { quietly } from "./watch";
import { size, when } from "./words";

/** The files that were sent, the room they take, and a way to be rid of them. */
export function Uploads() {
  const [files, setFiles] = useState<Upload[] | null>(null);
  const [room, setRoom] = useState({ used: 0, quota: 1 });
  const [hasMore, setHasMore] = useState(false);
  const hidden = useStore((state) => state.hidden);
  const load = (after?: string) =>
    quietly(async () => {
      const page = await api.uploads(after);
      setFiles([...(after ? (files ?? []) : []), ...page.data]);
      setRoom({ used: page.used_bytes, quota: page.quota_bytes });
      setHasMore(page.has_more ?? false);
    });
  useEffect(() => void load(), []);
  const shown = files?.filter((file) => !hidden[file.id]) ?? [];
  const leaving = files?.filter((file) => hidden[file.id]).reduce((total, file) => total + file.bytes, 0) ?? 0;
  const used = Math.max(0, room.used - leaving);
  return (
    <article class="uploads" id="uploads">
      <h2>Uploads</h2>
      <p class="room">
        <label for="room">
          {size(used)} of {size(room.quota)} used
        </label>
        <meter id="room" min={0} max={room.quota} high={0.9 * room.quota} value={used} />
      </p>
      <p class="hint">What was made of a file stays when the file goes.</p>
      {shown.length > 0 && (
        <div class="table" tabIndex={0} role="region" aria-label="Uploads">
          <table>
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col">Size</th>
                <th scope="col">Sent</th>
                <th scope="col">
                  <span class="unseen">Delete</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((file) => (
                <tr key={file.id} data-upload={file.id}>
                  <td>
                    <a href={`/v1/files/${file.id}/content`} download={file.filename}>
                      {file.filename}
                    </a>
                  </td>
                  <td class="numeric">{size(file.bytes)}</td>
                  <td>{when(file.created_at)}</td>
                  <td>
                    <button
                      type="button"
                      class="tool"
                      aria-label={`Delete ${file.filename}`}
                      onClick={() => removeLater(file.id, file.filename)}
                    >
                      <Bin />
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {files && shown.length === 0 && <p class="hint">There are none.</p>}
      {hasMore && (
        <button type="button" class="small" onClick={() => void load(files?.at(-1)?.id)}>
          Load more
        </button>
      )}
    </article>
  );
}
