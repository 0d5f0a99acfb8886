// What is said: one turn at a time, set like a book. Earlier turns grow
// quiet above; nothing moves under whoever reads.
import { $, attr, drawing, h, keyed, text } from "./dom.ts";
import { can, nameOf, type Known, type Word } from "./store.ts";
import * as texts from "./texts.ts";
import type { PictureView, Reaction, SeatID } from "./wire.ts";

const typingFor = 4000;
const fading = 20; // px at the upper edge where words fade
const mostWide = 608; // px of a picture, as wide as the words
const mostHigh = 520;
const atEnd = 48; // px that still count as being at the end
const kinds: Reaction[] = ["snap", "heart", "nod", "with-you", "celebrate"];

interface Group {
  key: string;
  seat: SeatID | undefined;
  name: string;
  guardian: boolean;
  words: Word[];
}

export interface WordsAsk {
  retract(seq: number): void;
  picture(name: string): string; // where it is
}

export class Words {
  #ask: WordsAsk;
  #open = new Set<string>(); // what this reader has unfolded
  #typing: { seat: SeatID; timer: number } | undefined;
  #spoke: { seat: SeatID | undefined; at: number } = { seat: undefined, at: 0 };
  #known: Known | undefined;
  #late = false;
  #follow = true; // whoever reads is at the end, and goes along
  #last = 0; // id of the newest
  #went = 0; // how far the page itself has scrolled

  constructor(ask: WordsAsk) {
    this.#ask = ask;
    text($("newer"), texts.newer);
    $("newer").onclick = () => {
      this.#toEnd();
      $("said").focus({ preventScroll: true });
    };
    const said = $("said");
    said.onscroll = () => {
      // Only somebody who goes back up stops going along: a box that grows or
      // shrinks under them doesn't.
      const below = said.scrollHeight - said.scrollTop - said.clientHeight;
      if (below < atEnd && (below < 2 || said.scrollTop !== this.#went)) this.#follow = true;
      else if (said.scrollTop < this.#went) this.#follow = false;
      if (this.#follow) $("newer").hidden = true;
    };
    new ResizeObserver(() => this.#follow && this.#toEnd()).observe(said);
  }

  /** Tells whether somebody came when others were already speaking. */
  came(late: boolean): void {
    this.#late = late;
  }

  update(k: Known): void {
    this.#known = k;
    const groups = grouped(k);
    const empty = $("empty");
    empty.hidden = groups.length > 0;
    text(empty, this.#late ? texts.emptyLate : texts.emptyEarly);
    const present = groups.findLast((g) => g.seat);
    keyed($("words"), groups, (g) => g.key, makeGroup, (el, g) => {
      el.className = ["turn", g === present && "now", g.guardian && "guardian", !g.seat && "note"].filter(Boolean).join(" ");
      this.#fill(el, g, k);
    });
    this.#wish(k, present);
    this.#signs(k);
    const fresh = k.words.filter((w) => w.id > this.#last);
    const last = fresh.at(-1);
    if (last) {
      this.#spoke = { seat: last.seat, at: Date.now() };
      if (this.#spoke.seat === this.#typing?.seat) this.#typing = undefined;
    }
    this.#typingLine();
    if (last?.seat === k.you.seat) this.#toEnd(); // one's own words are known already
    else if (this.#follow) this.#goTo(fresh.find((w) => w.seat)?.id);
    else if (last) $("newer").hidden = false;
    this.#last = k.heard;
  }

  #fill(el: HTMLElement, g: Group, k: Known): void {
    if (!g.seat) return text(el, texts.left_(g.name, g.words[0]!.fine ?? false));
    text(el.firstElementChild!.firstElementChild!, g.guardian ? texts.guardian(g.name) : g.name);
    text(el.firstElementChild!.lastElementChild!, spokenNow(g, k) ? ` · ${texts.wishShort[k.room.stick.wish!]}` : "");
    const mine = g.seat === k.you.seat;
    keyed(el.lastElementChild!, g.words, (w) => String(w.id), makeWord, (div, w) => {
      const i = g.words.indexOf(w);
      const follows = !!w.note && g.words[i - 1]?.note === w.note; // one note for all of them
      const folded = this.#note(div, g, w, follows, mine);
      div.classList.toggle("follows", follows && folded);
      this.#word(div, w, folded);
      this.#back(div, w, mine && can(k, "retract"));
    });
  }

  /** Shows what words are about, and says whether they are still folded. */
  #note(div: HTMLElement, g: Group, w: Word, follows: boolean, mine: boolean): boolean {
    const about = div.querySelector<HTMLElement>(".about")!;
    const note = w.gone ? "" : (w.note ?? "");
    const key = `${g.seat} ${w.turn} ${note}`;
    const folded = !!note && !mine && !this.#open.has(key);
    about.hidden = !note || follows;
    text(about.firstElementChild!, about.hidden ? "" : texts.noteOf(note));
    let open = about.querySelector("button");
    if (!folded || follows) open?.remove();
    else if (!open) about.append((open = h("button", { type: "button", class: "button" }, texts.showWords)));
    if (open && folded) {
      attr(open, "aria-label", texts.showWordsLong(g.name, note));
      open.onclick = () => {
        this.#open.add(key);
        if (this.#known) this.update(this.#known);
        div.querySelector<HTMLElement>(".words")!.focus({ preventScroll: true });
      };
    }
    return folded;
  }

  /** The words themselves; what is folded isn't in the page. */
  #word(div: HTMLElement, w: Word, folded: boolean): void {
    const words = div.querySelector<HTMLElement>(".words")!;
    words.classList.toggle("gone", !!w.gone || !!w.lost);
    words.hidden = folded;
    const shown = w.picture && !w.gone && !folded ? w.picture : undefined;
    const img = div.querySelector("img");
    if (!shown) img?.remove();
    else if (!img) words.before(this.#picture(shown, w.text ?? ""));
    text(words, folded || shown ? "" : w.gone ? texts.retracted : (w.text ?? ""));
    if (w.lost && !div.querySelector("small")) div.append(h("small", {}, texts.notKept));
  }

  #picture(p: PictureView, alt: string): HTMLImageElement {
    const by = Math.min(1, mostWide / p.w, mostHigh / p.h); // its place is there before it is
    const img = h("img", { src: this.#ask.picture(p.name), alt, width: Math.round(p.w * by), height: Math.round(p.h * by), decoding: "async" });
    img.style.setProperty("--ratio", String(Math.round((1000 * p.w) / p.h) / 1000));
    return img;
  }

  #back(div: HTMLElement, w: Word, mine: boolean): void {
    let back = div.querySelector<HTMLButtonElement>(":scope > button");
    if (!mine || w.gone || w.lost) return back?.remove();
    if (!back) div.append((back = h("button", { type: "button", class: "quiet" }, texts.retract)));
    attr(back, "aria-label", texts.retractLong((w.picture ? texts.pictureOf(w.text ?? "") : (w.text ?? "")).slice(0, 40)));
    back.onclick = () => this.#ask.retract(w.seq);
  }

  /** What whoever speaks would like, until their words stand there and say it too. */
  #wish(k: Known, present: Group | undefined): void {
    const { at, seat, wish } = k.room.stick;
    const says = at === "held" && wish && !(present && spokenNow(present, k)) ? texts.wish[wish]?.(nameOf(k, seat)) : "";
    text($("wished"), says && seat !== k.you.seat ? `${says}.` : "");
  }

  #signs(k: Known): void {
    const list = k.signsTurn === k.room.stick.turn ? kinds.filter((kind) => k.signs.get(kind)?.size) : [];
    keyed($("signs"), list, (kind) => kind, (kind) => h("li", {}, drawing(kind), h("span", {}), h("span", {})), (el, kind) => {
      const n = k.signs.get(kind)!.size;
      text(el.children[1]!, texts.react[kind]);
      text(el.children[2]!, String(n));
    });
    $("signs").hidden = list.length === 0;
  }

  /** Shows for a moment that the holder is writing. */
  typing(seat: SeatID): void {
    // Signals are gathered for a moment: one may come after what was written.
    if (seat === this.#spoke.seat && Date.now() - this.#spoke.at < 1000) return;
    clearTimeout(this.#typing?.timer);
    const timer = setTimeout(() => {
      this.#typing = undefined;
      this.#typingLine();
    }, typingFor);
    this.#typing = { seat, timer };
    this.#typingLine();
  }

  #typingLine(): void {
    const k = this.#known;
    const who = this.#typing?.seat;
    const show = k && who && who !== k.you.seat && (k.room.floor === "open" || k.room.stick.seat === who);
    text($("typing"), show ? texts.typing(nameOf(k, who)) : "");
    if (this.#follow) this.#toEnd();
  }

  /** Goes along to the end, but not past the start of what is new: long words are read from their beginning. */
  #goTo(fresh: number | undefined): void {
    this.#toEnd();
    const word = fresh && $("words").querySelector(`.word[data-key="${fresh}"]`);
    if (!word) return;
    const said = $("said");
    const turn = word.closest(".turn")!;
    const start = turn.querySelector(".word") === word ? turn : word;
    const over = said.getBoundingClientRect().top + fading - start.getBoundingClientRect().top;
    if (over <= 0 || !said.scrollTop) return;
    this.#follow = false;
    said.scrollTop -= over;
    this.#went = said.scrollTop;
  }

  #toEnd(): void {
    this.#follow = true;
    $("said").scrollTop = $("said").scrollHeight;
    this.#went = $("said").scrollTop;
    $("newer").hidden = true;
  }
}

function grouped(k: Known): Group[] {
  const out: Group[] = [];
  for (const w of k.words) {
    const last = out.at(-1);
    const first = last?.words[0];
    if (first && w.seat && first.seat === w.seat && first.turn === w.turn && !first.guardian === !w.guardian) last.words.push(w);
    else out.push({ key: String(w.id), seat: w.seat, name: w.seat ? nameOf(k, w.seat) : w.name, guardian: !!w.guardian, words: [w] });
  }
  return out;
}

function makeGroup(g: Group): HTMLElement {
  return g.seat ? h("article", {}, h("h3", {}, h("bdi"), h("span")), h("div", {})) : h("p");
}

function makeWord(): HTMLElement {
  return h("div", { class: "word" }, h("div", { class: "about", hidden: true }, h("p", { dir: "auto" })), h("p", { class: "words", dir: "auto", tabindex: "-1" }));
}

/** Whether these are the words of whoever has the stick, and said what they would like. */
function spokenNow(g: Group, k: Known): boolean {
  const { at, turn, seat, wish } = k.room.stick;
  return at === "held" && !!wish && wish in texts.wishShort && g.seat === seat && g.words.at(-1)!.turn === turn;
}
