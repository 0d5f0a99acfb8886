// Every sentence the script says, in one place, to be translated later. What
// the templates say is in the templates.
import type { HoldWhy, MuteWhy, Reaction } from "./wire.ts";

const many = (n: number, one: string, more: string) => (n === 1 ? one : more);
const numbers = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
const inWords = (n: number) => numbers[n] ?? String(n);

export const someone = "someone";
export const thatIsYou = "\u00a0(you)";
export const you = (name: string) => (name ? `${name} (you)` : "you");
export const names = (list: string[]) => (list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`);
export const minutes = (n: number) => `${n} ${many(n, "minute", "minutes")}`;
export const clock = (at: number) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

// the header and the middle of the ring
export const gathering = "Arriving";
export const openFloor = "Open floor";
export const round = (n: number, minutes: number) => `Round ${n}${minutes > 0 ? ` · about ${minutes} min each` : ""}`;
export const skipToNow = "To what is now, and what you can do";
export const inCircle = (n: number) => `${n} in the circle`;
export const listening = (n: number) => `${n} listening`;
export const moderators = (n: number) => many(n, "a moderator", `${n} moderators`);
export const moderatorsHere = (n: number) => many(n, "a moderator is here", `${n} moderators are here`);
export const isListening = "listening";
export const isModerator = "moderator";
export const next = (names: string[]) => `next: ${names.join(", then ")}`;
export const nextYou = "you";

// a seat
export const holding = "holding the stick";
export const offered = "offered the stick";
export const dropped = "line dropped, place kept";
export const keeps = "keeps the circle";
export const today = "listening today";
export const deputy = "deputy";
export const speakingNow = "speaking";
export const offeredNow = "offered";
export const nextUp = "next";
export const lineDropped = (min: number) => (min < 1 ? "line dropped" : `line dropped ${min} min`);
export const mutedUntil = (at: string) => `muted until ${at}`;

// what is now, in one sentence
export const now = {
  connecting: "Coming in…",
  arriving: (keeper: string) => [`People are arriving.`, keeper ? `${keeper} begins when it is time.` : "It begins when somebody keeps the circle."],
  begin: ["People are arriving.", "Begin when you are ready."],
  held: (why: HoldWhy) => [`The room is held: ${holdWhy[why]}.`, "Nothing runs out, and nobody loses their place."],
  muted: (until: string, why: MuteWhy) => [`You can’t speak until ${until}.`, `${mutedFor[why]} You can stay, listen and react.`],
  offer: (from: string) => ["The stick is offered to you.", from ? `${from} passed it on. No hurry.` : "No hurry."],
  mine: ["You have the stick.", "Take your time."],
  mineTime: ["You have the stick.", "Your time is nearly over, no hurry."],
  open: ["The floor is open.", "Anyone may speak."],
  speaking: (name: string, min: number) => [`${name} is speaking${min < 1 ? "." : `, ${minutes(min)}.`}`, ""],
  away: (name: string) => [`${name}’s line dropped.`, "The stick waits for them."],
  offeredTo: (name: string) => [`The stick is offered to ${name}.`, "No hurry."],
  resting: ["The stick rests in the centre.", ""],
  youListen: "You are listening.",
  youListenToday: "You are listening today.",
  youKeep: "You keep the circle.",
  youModerate: "You are here as a moderator.",
  before: (n: number) => (n === 0 ? "You are next." : `${inWords(n)} ${many(n, "person", "people")} before you.`),
};

// what can be done
export const take = "Take the stick";
export const decline = "Pass";
export const later = "Later";
export const today_ = "Just listening today";
export const takePart = "Take part after all";
export const pass = "Pass it on";
export const say = "Say it";
export const writeMine = "Write here. Nobody can talk over you.";
export const writeOpen = "Write here";
export const left = (n: number) => (n >= 0 ? `${n} characters left` : `${-n} ${many(-n, "character", "characters")} too many; please send it in two parts`);
export const keptDraft = "What you wrote is kept for your turn.";
export const react = { snap: "Snap", heart: "Heart", nod: "Nod", "with-you": "With you", celebrate: "Cheer" } satisfies Record<Reaction, string>;
export const reacted = {
  snap: (n: string) => `${n}: snap`, heart: (n: string) => `${n}: heart`, nod: (n: string) => `${n}: nod`,
  "with-you": (n: string) => `${n}: with you`, celebrate: (n: string) => `${n}: cheer`,
} satisfies Record<Reaction, (n: string) => string>;

// what is said
export const emptyEarly = "It is quiet still. The first words will stand here.";
export const emptyLate = "Nothing has been said since you came. What was said before stays with those who were here.";
export const guardian = (name: string) => `${name}, looking after the circle`;
export const retract = "Take back";
export const retractLong = (start: string) => `Take back: ${start}`;
export const retracted = "(taken back)";
export const typing = (name: string) => `${name} is writing…`;
export const newer = "Newer words below";
export const left_ = (name: string, fine: boolean) => (fine ? `${name} has left, and is fine.` : `${name} has left.`);

// announced to those who don't see it
export const says = {
  offered: "The stick is offered to you. No hurry.",
  mine: "You have the stick.",
  speaking: (name: string) => `${name} has the stick.`,
  laid: "The stick rests in the centre.",
  open: "The floor is open.",
  released: "The circle goes on.",
  back: "The line is back.",
};

// notices
export const lineDown = "The line is down. Your place is kept, and so is what you wrote.";
export const moving = "The house is restarting. You will be back in a moment; your place is kept.";
export const rewound = "Our records skipped back a moment. What you see now is where the circle stands.";
export const putBack = "What you said just before is back where you write, to say again if you like.";
export const notKept = "not kept";
export const goesOut = "The circle can’t be reached for a moment. What you asked for is kept and goes out by itself.";
export const care = {
  grace: (name: string) => `${name}’s line dropped. Their place is kept for them.`,
  deputies: "The circle rests while somebody takes over.",
  moderators: "The circle rests while we look for somebody to look after it.",
  closing: "Nobody can look after the circle just now, so it will close gently.",
};
export const closingAt = (at: string) => `The circle closes at ${at}.`;
export const askHold = "The room has been held for a while. Is that still right?";
export const wentWrong = "That didn’t get through. Please try again.";

// the board and what whoever keeps the circle can do
export const board = "Board";
export const boardTitle = "The circle";
export const listenersTitle = "Also here";
export const removedTitle = "Not here any more";
export const wasRemoved = (name: string) => `${name} was removed`;
export const offer = "Offer";
export const goOnTo = (name: string) => `Go on to ${name}`;
export const offerTo = (name: string) => `Offer to ${name}`;
export const more = (name: string) => `More for ${name}`;
export const begin = "Begin the circle";
export const goOn = "Go on";
export const newRound = "Start a round";
export const backToRing = "Back to the stick";
export const skip = "Skip this turn";
export const lay = "Lay in the centre";
export const moreTime = "Give more time";
export const openTheFloor = "Open the floor";
export const guard = "Speak as guardian";
export const hold = "Hold the room";
export const release = "Let it go on";
export const close = "Close the circle";
export const takeChair = "Take over";
export const mute = "Mute for some minutes…";
export const unmute = "Unmute";
export const remove = "Remove from the circle…";
export const nameDeputy = "Name as deputy";
export const unnameDeputy = "Not a deputy any more";

// questions
export const unsaid = {
  title: "Something is written and not said yet", say: "Only you can see it.",
  first: "Say it, then pass it on", without: "Pass it on without it", no: "Back",
};
export const cutAsk = { title: (name: string) => `${name} is speaking`, say: "This ends their turn.", no: (name: string) => `Let ${name} speak` };
export const cancel = "Cancel";
export const leave = {
  title: "Leave the circle?", say: "You can go at any time. Nobody asks why.",
  fine: "I’m fine, just leaving", plain: "Just leave", stay: "Stay",
};
export const place = { title: "My place", rename: "Change my name", leave: "Leave the circle", back: "Back to the circle" };
export const rename = { title: "What shall we call you?", name: "Name", pronouns: "Pronouns (if you like)", ok: "Use this name" };
export const holdAsk = { title: "Hold the room", say: "Stick, clocks and words stop for everybody until you let it go on. The circle is told why." };
export const holdOptions = { breath: "A breath together", care: "Somebody needs a moment", pause: "A short break" } satisfies Record<HoldWhy, string>;
export const timeAsk = { title: "Give more time", say: "Only whoever holds the stick is told." };
export const muteAsk = { title: (name: string) => `Mute ${name}?`, say: "They stay in the circle and can listen and react. It ends by itself.", why: "They are told until when, and why" };
export const muteWhy = { space: "Room for others", rules: "The ground rules", calm: "A calmer moment" } satisfies Record<MuteWhy, string>;
export const removeAsk = {
  title: (name: string) => `Remove ${name} from the circle?`, yes: "Yes, remove",
  say: "Their line closes at once and they can’t come back to this gathering. The others only see that they left. They are shown where to find help.",
};
export const guardAsk = { title: "Speak as guardian", say: "Without the stick, to protect the circle. Everybody sees that this is what you are doing.", label: "Your words", ok: "Say it to the circle" };
export const closeAsk = { title: "Close the circle?", say: "The gathering ends for everybody, and the words are gone.", yes: "Close it" };
export const chairAsk = { title: "Take over?", say: "You keep the circle from now on. Everybody sees it.", yes: "Take over" };

// afterwards
export const after = {
  left: { title: "You have left the circle", say: "Thank you for being there. Your seat is free, and nobody asks why.", back: "Come back in" },
  over: { title: "The circle is closed", say: "Thank you for being part of it. The words are gone; what you take with you is yours.", back: "To the first page" },
  removed: { title: "Your place in this gathering has ended", say: "Whoever looks after the circle decided this for tonight. It can be hard to be asked to go. You don’t have to be alone with it: there is somebody to call, now.", back: "To the first page" },
  gone: { title: "We can’t find your seat", say: "Please open your link once more. It brings you back to the circle.", back: "Enter a link" },
};
export const nameNeeded = "Please tell us what to call you.";

const mutedFor: Record<MuteWhy, string> = {
  space: "This is so that others have room.", rules: "This is because of the ground rules.", calm: "This is so that it can calm down.",
};
const holdWhy: Record<HoldWhy, string> = { breath: "a breath together", care: "somebody needs a moment", pause: "a short break" };
