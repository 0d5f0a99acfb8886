// A picture in one's turn: chosen, looked at, described, sent. The page may
// load pictures from the house only, so what was chosen is drawn.
import "./circle.ts"; // what the two share is loaded by then
import { $, attr, h, text } from "./dom.ts";
import * as texts from "./texts.ts";
import type { Refusal } from "./wire.ts";

const mostBytes = 8 << 20;
const longest = 1600; // px, as the house makes them: bigger is slower to send, and no better
const preview = 320;

export class PictureDialog {
  #handle: string;
  #sending: XMLHttpRequest | undefined;
  #turn = 0;
  #moved = () => false;

  constructor(handle: string) {
    this.#handle = handle;
    const file = $<HTMLInputElement>("picture-file");
    file.onchange = () => void this.#see(file.files?.[0]);
    $("picture-form").onsubmit = (e) => {
      e.preventDefault();
      void this.#send();
    };
    $("picture-no").onclick = () => this.#cancel();
    $<HTMLDialogElement>("picture").onclose = () => this.#empty();
  }

  /** Opens it for one turn; moved tells when that is over. */
  show(turn: number, moved: () => boolean): void {
    this.#turn = turn;
    this.#moved = moved;
    $<HTMLDialogElement>("picture").showModal();
  }

  /** What was chosen and written doesn't stay behind. */
  #empty(): void {
    this.#sending?.abort();
    this.#sending = undefined;
    $<HTMLFormElement>("picture-form").reset();
    void this.#see(undefined);
    this.#says("");
  }

  /** Stops what is on its way; with nothing there, closes. */
  #cancel(): void {
    if (!this.#sending) return $<HTMLDialogElement>("picture").close();
    this.#sending.abort();
    this.#over();
    this.#says(texts.picture.stopped);
  }

  #says(say: string, problem = ""): void {
    text($("picture-says"), say);
    text($("picture-problem"), problem);
    $("picture-problem").hidden = !problem;
  }

  async #see(file: File | undefined): Promise<void> {
    const box = $("picture-seen");
    box.replaceChildren();
    box.hidden = !file;
    this.#says("");
    if (!file) return;
    box.append(h("p", { class: "small" }, texts.picture.chosen(file.name)));
    const drawn = await draw(file, preview).catch(() => undefined);
    if (!drawn || $<HTMLInputElement>("picture-file").files?.[0] !== file) return;
    attr(drawn, "role", "img");
    attr(drawn, "aria-label", texts.picture.preview);
    box.replaceChildren(drawn);
  }

  async #send(): Promise<void> {
    const t = texts.picture;
    const file = $<HTMLInputElement>("picture-file").files?.[0];
    const alt = $<HTMLInputElement>("picture-alt").value.trim();
    if (this.#sending) return;
    if (!file) return this.#missing("picture-file", t.noFile);
    if (!alt) return this.#missing("picture-alt", t.noAlt);
    const r = (this.#sending = new XMLHttpRequest()); // unlike fetch it tells how far it is
    this.#over(r);
    this.#says(t.sending(0));
    const body = await smaller(file);
    if (this.#sending !== r) return;
    if (body.size > mostBytes) return this.#over(), this.#says("", t.tooBig);
    if (this.#moved()) return this.#over(), this.#says("", t.left);
    r.upload.onprogress = (e) => this.#sending === r && this.#says(e.loaded < e.total ? t.sending(Math.floor((10 * e.loaded) / e.total) * 10) : t.nearly);
    r.onload = () => this.#answered(r);
    r.onerror = () => {
      if (this.#sending !== r) return;
      this.#over();
      this.#says("", t.wentWrong);
    };
    r.open("POST", `/c/${encodeURIComponent(this.#handle)}/picture`);
    r.setRequestHeader("Hearth-Turn", String(this.#turn));
    r.setRequestHeader("Hearth-Alt", encodeURIComponent(alt));
    r.responseType = "json";
    r.send(body);
  }

  #answered(r: XMLHttpRequest): void {
    if (this.#sending !== r) return;
    this.#over();
    if (r.status < 300) return $<HTMLDialogElement>("picture").close();
    const no = r.response as Partial<Refusal> | null;
    this.#says("", this.#moved() ? texts.picture.left : (no?.say ?? texts.picture.wentWrong));
  }

  /** Begins, or ends, that one is on its way. */
  #over(sending?: XMLHttpRequest): void {
    this.#sending = sending;
    attr($("picture-send"), "aria-disabled", sending ? "true" : null);
    $<HTMLInputElement>("picture-file").disabled = $<HTMLInputElement>("picture-alt").readOnly = !!sending;
  }

  #missing(id: string, say: string): void {
    this.#says("", say);
    $(id).focus();
  }
}

/** Draws a picture file upright, its longer side at most so many pixels. */
async function draw(file: Blob, most: number): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(file);
  const by = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * by));
  canvas.height = Math.max(1, Math.round(bitmap.height * by));
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** The same picture with less to send, where it is bigger than it will be shown; the file itself if that doesn't work. */
async function smaller(file: File): Promise<Blob> {
  try {
    if (file.size < 300_000) return file;
    const canvas = await draw(file, longest);
    const kind = file.type === "image/jpeg" ? "image/jpeg" : "image/png"; // what may be seen through stays so
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, kind, 0.85));
    return made && made.size < file.size ? made : file;
  } catch {
    return file;
  }
}
