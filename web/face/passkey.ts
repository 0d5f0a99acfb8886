// Passkeys: the browser asks, the device answers, the server checks. What is
// said here is the server's, or stands in the page.

type Said = { say?: string; to?: string; options?: Record<string, unknown> };

/** Where somebody signs in, or makes a passkey by a welcome. */
export class HearthPasskey extends HTMLElement {
  #busy = false;

  connectedCallback(): void {
    this.hidden = false;
    this.querySelector("form")?.addEventListener("submit", (e) => {
      e.preventDefault();
      void this.#go();
    });
    this.querySelector("button[type=button]")?.addEventListener("click", () => void this.#go());
    if (!window.PublicKeyCredential) this.#problem(this.dataset.unsupported);
  }

  async #go(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#problem();
    this.querySelector("[role=status]")!.textContent = this.dataset.waiting ?? "";
    const to = await this.#sign();
    this.querySelector("[role=status]")!.textContent = "";
    this.#busy = false;
    if (to) location.assign(to);
  }

  /** Both steps; where to go on, or nothing and a sentence is shown. */
  async #sign(): Promise<string | undefined> {
    const { begin, end, code, to } = this.dataset;
    const name = this.querySelector<HTMLInputElement>("input[name=name]")?.value;
    const begun = await this.#post(begin!, { code, name });
    if (!begun?.options) return undefined;
    const credential = await this.#ask(begun.options, code !== undefined);
    if (!credential) return undefined;
    return (await this.#post(end!, { code, name, to, credential }))?.to;
  }

  async #ask(options: Record<string, unknown>, create: boolean): Promise<object | undefined> {
    try {
      const publicKey = bytesIn(options) as never;
      const made = create ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      return made ? told(made as PublicKeyCredential) : undefined;
    } catch (e) {
      // Declined, too late, or there is none: browsers don't tell which.
      const name = e instanceof DOMException ? e.name : "";
      this.#problem(name === "InvalidStateError" ? this.dataset.already : name === "NotSupportedError" ? this.dataset.unsupported : this.dataset.cancelled);
      return undefined;
    }
  }

  async #post(path: string, body: object): Promise<Said | undefined> {
    try {
      const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const said = (await r.json()) as Said;
      if (r.ok) return said;
      this.#problem(said.say);
    } catch {
      this.#problem(this.dataset.offline);
    }
    return undefined;
  }

  #problem(say?: string): void {
    const p = this.querySelector<HTMLElement>("[role=alert]")!;
    p.textContent = say ?? "";
    p.hidden = !say;
  }
}

/** A welcome's code is in the address' fragment, which no server sees. */
export class HearthWelcome extends HTMLElement {
  connectedCallback(): void {
    addEventListener("hashchange", () => this.#fromAddress());
    this.#fromAddress();
  }

  #fromAddress(): void {
    if (location.hash.length < 2) return;
    const form = this.querySelector("form")!;
    form.querySelector("input")!.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
    this.querySelector<HTMLElement>("[data-opening]")!.hidden = false;
    form.hidden = true;
    form.requestSubmit();
  }
}

const base64url = (b: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(b)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const bytes = (s: string): Uint8Array => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** The options with bytes where the wire has text (WebAuthn 3, §5.1.8 and §5.1.9). */
function bytesIn(o: Record<string, unknown>): Record<string, unknown> {
  const ids = (list: unknown) => (list as { id: string }[] | undefined)?.map((k) => ({ ...k, id: bytes(k.id) }));
  const user = o.user as { id: string } | undefined;
  return {
    ...o,
    challenge: bytes(o.challenge as string),
    ...(user && { user: { ...user, id: bytes(user.id) } }),
    ...(o.excludeCredentials ? { excludeCredentials: ids(o.excludeCredentials) } : {}),
    ...(o.allowCredentials ? { allowCredentials: ids(o.allowCredentials) } : {}),
  };
}

/** What the device said, as the wire has it. */
function told(k: PublicKeyCredential): object {
  const r = k.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts: Record<string, ArrayBuffer | null | undefined> = {
    clientDataJSON: r.clientDataJSON, attestationObject: r.attestationObject,
    authenticatorData: r.attestationObject ? undefined : r.authenticatorData, signature: r.signature, userHandle: r.userHandle,
  };
  const response = Object.fromEntries(Object.entries(parts).flatMap(([name, b]) => (b ? [[name, base64url(b)]] : [])));
  return { id: k.id, rawId: base64url(k.rawId), type: k.type, response };
}
