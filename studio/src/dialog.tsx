import { useLayoutEffect, useRef } from "preact/hooks";
import { set } from "./state";

interface Props {
  name: string;
  label: string;
  children: preact.ComponentChildren;
}

/** A panel above the page; Escape, or a press beside it, closes it. */
export function Dialog({ name, label, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  // Before the page is painted: letters typed right after Ctrl-K are for the panel.
  useLayoutEffect(() => {
    const { current } = box;
    current?.showModal();
    return () => current?.close();
  }, []);
  const close = () => set({ panel: null });
  return (
    <dialog
      class={name}
      ref={box}
      aria-label={label}
      onCancel={close}
      onClick={(event) => event.target === box.current && close()}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.stopPropagation();
      }}
    >
      {children}
    </dialog>
  );
}
