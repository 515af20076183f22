/** Shown when the server wants a token and this browser has shown none, or another one. */
import { useState } from "preact/hooks";
import { change, needsLogin, Refusal } from "../api/ask.ts";

export function Login() {
  const [token, setToken] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await change("/session", { token });
      needsLogin.value = false;
      location.reload();
    } catch (thrown) {
      setTrouble(thrown instanceof Refusal ? thrown.message : String(thrown));
    }
  };
  return (
    <form class="panel login" onSubmit={submit}>
      <h1>Log in</h1>
      <p>
        This daemon is open to other machines, so it wants its token: <code>server.token</code> in the
        configuration.
      </p>
      <label>
        Token
        <input
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <button type="submit">Log in</button>
    </form>
  );
}
