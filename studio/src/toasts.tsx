import { useStore } from "./state";

/** What was just deleted, and can still be had back. */
export function Toasts() {
  const undos = useStore((state) => state.undos);
  return (
    <div class="toasts" role="status">
      {undos.map(({ id, label, back }) => (
        <p class="toast" key={id}>
          <span>Deleted “{label}”.</span>
          <button type="button" class="tool" onClick={back}>
            Undo
          </button>
        </p>
      ))}
    </div>
  );
}
