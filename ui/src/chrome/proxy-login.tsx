/** The proxy's question who we are: a name and a password, and where they are kept. */

import { createEffect, createSignal, type JSX } from "solid-js";
import { Dialog, Fault } from "./overlay";
import type { Chrome } from "./state";

/** The dialog; what was typed is handed to the host and forgotten here. */
export function ProxyLoginDialog(props: { chrome: Chrome }): JSX.Element {
  const chrome = props.chrome;
  const asked = () => chrome.status()?.proxy_login ?? null;
  // Links try on meanwhile, and what a proxy says of itself may be gone for a moment.
  const first = asked();
  const place = () => asked()?.place ?? first?.place ?? "";
  const [fault, setFault] = createSignal(
    first?.is_refused === true ? "The proxy did not accept this name with this password." : "",
  );
  const logIn = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const typed = new FormData(form);
    const user = `${typed.get("user") ?? ""}`;
    const password = `${typed.get("password") ?? ""}`;
    if (user === "") {
      setFault("Write the name that the proxy knows you by.");
      return;
    }
    form.reset();
    chrome.show("none");
    await chrome.send({ kind: "set_proxy_login", user, password });
  };
  return (
    <Dialog
      title="Log in at the proxy"
      class="jump proxy-login"
      isTitled
      onClose={() => chrome.show("none")}
    >
      <form onSubmit={logIn} autocomplete="off" onInput={() => setFault("")}>
        <p data-test="proxy-place">
          The way to the venues leads through <strong>{place()}</strong>, which asks for a name and
          a password.
        </p>
        <div class="proxy-fields">
          <label for="proxy-user">Name</label>
          <input
            id="proxy-user"
            name="user"
            type="text"
            autocomplete="off"
            spellcheck={false}
            maxLength={200}
            value={first?.user ?? ""}
            data-first={first?.user ? undefined : ""}
          />
          <label for="proxy-password">Password</label>
          <input
            id="proxy-password"
            name="password"
            type="password"
            autocomplete="off"
            maxLength={500}
            data-first={first?.user ? "" : undefined}
          />
        </div>
        <Fault text={fault()} />
        <div class="proxy-foot">
          <p class="dim">
            The password is kept in this system’s keyring and in no file. Where there is none,
            Tapedeck asks at each start.
          </p>
          <button type="button" class="button" onClick={() => chrome.show("none")}>
            Not now
          </button>
          <button type="submit" class="button primary">
            Log in
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Opens the dialog when a proxy asks, once for each question, and not over what the user is at. */
export function askForProxyLogin(chrome: Chrome): void {
  let told = "";
  createEffect(() => {
    const asked = chrome.status()?.proxy_login ?? null;
    if (asked === null || chrome.overlay() !== "none") return;
    const question = `${asked.place} ${asked.user} ${asked.is_refused}`;
    if (question === told) return;
    told = question;
    chrome.show("proxy");
  });
}
