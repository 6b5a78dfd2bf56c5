import { useState } from "preact/hooks";
import { api, Refusal } from "./api";
import { retry } from "./events";
import { refresh } from "./watch";

/** Asks for the token of a server that wants one. */
export function Session() {
  const [trouble, setTrouble] = useState<string | null>(null);
  const open = async (token: string) => {
    try {
      await api.session(token);
      retry();
      await refresh();
    } catch (error) {
      setTrouble(error instanceof Refusal ? error.message : String(error));
    }
  };
  return (
    <main class="session">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void open(String(new FormData(event.currentTarget).get("token")));
        }}
      >
        <h1>Menura studio</h1>
        <label class="label" for="token">
          This server asks for a token
        </label>
        <input type="password" id="token" name="token" autocomplete="current-password" required autofocus />
        {trouble && (
          <p class="error" role="alert">
            {trouble}
          </p>
        )}
        <button type="submit" class="primary">
          Enter
        </button>
      </form>
    </main>
  );
}
