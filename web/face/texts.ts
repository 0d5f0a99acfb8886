// Every sentence the script says, in one place, to be translated later. What
// the templates say is in the templates.
import type { Duty, HoldWhy, Kind, MuteWhy, Order, Reaction } from "./wire.ts";

const many = (n: number, one: string, more: string) => (n === 1 ? one : more);
const numbers = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"];
const inWords = (n: number) => numbers[n] ?? String(n);

export const someone = "someone";
export const thatIsYou = "\u00a0(you)";
export const you = (name: string) => (name ? `${name} (you)` : "you");
export const names = (list: string[]) => (list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`);
export const minutes = (n: number) => `${n} ${many(n, "minute", "minutes")}`;
export const clock = (at: number) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }).replace(/\s/g, "\u00a0");

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
  board: "“Board” says what to do at every step.",
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
export const emptyEarly = "The first words will stand here.";
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

// a part of the agenda, and one's own turn in it
export const stageAt = (title: string, at: number, of: number) => (of ? `${title} · ${at} of ${of}` : title);
export const supportFor = (name: string) => `This round is for ${name}.`;
export const supportForYou = "This round is for you.";
export const then = (title: string) => `then: ${title}`;
export const toChoose = (names: string[], more: number) => `still to come: ${names.join(", ")}${andMore(more)}`;
export const nextOf = (names: string[], more: number) => `${next(names)}${andMore(more)}`;
const andMore = (n: number) => (n > 0 ? `, and ${n} more` : "");
const nth = ["next", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];
export const toCome = (i: number) => (i === 0 ? "next" : `${nth[i] ?? `number ${i + 1}`} to come`);
export const handUp = "hand raised";
export const raise = "Raise my hand";
export const lower = "Lower my hand";
export const stage = {
  quiet: ["The circle is quiet until the bell.", "Nothing to do."],
  bell: ["The bell has rung: the quiet is over.", ""],
  leads: (name: string) => [`${name} leads this part.`, ""],
  someLeads: ["Whoever keeps the circle leads this part.", ""],
  youLead: ["You lead this part.", "What you write goes to everybody."],
  youRead: "You may read to the circle.",
  hands: ["The stick comes to raised hands.", ""],
  handAt: (n: number) => `You are ${nth[n] ?? `number ${n + 1}`}.`,
  handNext: "Your hand is raised. You are next.",
  kindWord: (name: string) => `This round is for ${name}: a kind word, if you like.`,
  lastWord: "This round is for you. Say something if you like, or pass.",
  yoursEnds: (at: string) => `It ends at ${at}. Finish your sentence, no rush.`,
  sayBoth: "You can say both now, also what you didn’t get to before.",
  now: (title: string) => `${title}.`,
  moving: (title: string) => `After these words: ${title}.`,
  movingYours: (title: string) => `After your words: ${title}.`,
  closes: (at: string) => `The closing round begins at ${at}.`,
  merged: (names: string) => `There wasn’t time for ${names} in this round. They can say it in the closing round.`,
  mergedYou: "There wasn’t time for you in this round. You can say it in the closing round.",
  mergedYouToo: (names: string) => `There wasn’t time for you and ${names} in this round. You can say it in the closing round.`,
};
export const writeLead = "Write here. Everybody reads it.";
export const passTo = { title: "Who comes next?", say: "They are offered the stick, and can pass as well.", anybody: "Whoever is next", no: "Keep the stick" };
export const passToOne = "Pass it on to…";
export const wish = {
  listen: (name: string) => `${name} would like you just to listen`,
  reflections: (name: string) => `${name} welcomes reflections`,
  ideas: (name: string) => `${name} welcomes ideas`,
} as Record<string, (name: string) => string>;
export const wishShort = { listen: "just listen, please", reflections: "reflections welcome", ideas: "ideas welcome" } as Record<string, string>;

// a note before the words
export const noteOf = (note: string) => `A note first: ${note}`;
export const showWords = "Show the words";
export const showWordsLong = (name: string, note: string) => `Show the words of ${name}, with the note: ${note}`;
export const addNote = "Add a note first";
export const noNote = "No note";
export const pictureOf = (alt: string) => `a picture: ${alt}`;

// cards
export const card = {
  close: "Close",
  support: (name: string) => (name ? `${name} asks: would you like a support round?` : "Would you like a support round?"),
  supportSay: "Everybody may say a kind word to you. You can end it at any time.",
  yes: "Yes please",
  no: "Rather not",
  caught: "Good that you are here",
  asked: (stage: string) => (stage ? `The circle is at “${stage}”.` : "The circle has begun."),
  place: (n: number) => (n === 0 ? "You are next." : `${inWords(n)} ${many(n, "person", "people")} before you.`),
  placeListen: "You are listening. Nobody will ask you to speak.",
  placeHands: "The stick comes to raised hands. Raise yours if you would like to speak.",
  before: "What was said before stays with those who were here.",
  rules: "How this circle treats one another",
  rulesAgain: "A reminder for everybody: how this circle treats one another",
  rulesSay: "A reminder of the ground rules is on the page.",
  last: "Last time you wrote",
  lastSay: "Only you see this. It is kept on this device.",
  delete: "Delete it",
};
export const support = {
  want: "I’d like support",
  unwant: "No support round after all",
  enough: "That’s enough, thank you",
  asked: "Whoever keeps the circle knows that you would like support. It begins when the stick is free.",
};

// a picture in a turn
export const picture = {
  left: "Your turn has moved on, so the picture was not sent.",
  sending: (percent: number) => `The picture is on its way: ${percent} of 100.`,
  nearly: "The picture has arrived. It is being made small.",
  tooBig: "This picture is bigger than 8 MB. A smaller one will do.",
  noFile: "Please choose a picture first.",
  noAlt: "Please say in a few words what can be seen.",
  wentWrong: "The picture didn’t get through. It is still here: please try again.",
  stopped: "Nothing was sent. The picture is still here.",
  chosen: (name: string) => `Chosen: ${name}`,
  preview: "How the picture looks",
};

// afterwards, on this device
export const device = {
  kept: "Kept on this device.",
  gone: "Nothing is kept on this device.",
  refuses: "This browser doesn’t keep anything. Nothing was kept.",
};

// the board of a circle with an agenda
export const tonight = (min: number | undefined, ahead: boolean) => `Tonight${min === undefined ? "" : ` · ${minutes(min)}${ahead ? "" : " left"}`}`;
export const min = (n: number) => `${n} min`;
export const asItComes = "as it comes";
export const keptFree = (n: number) => `${n} min, kept free`;
export const soFar = (gone: number, all: number) => (!all ? `${gone} min so far` : gone < all ? `${gone} of ${all} min` : gone < all + 1 ? `${all} min, time is up` : `${gone - all} min over`);
export const stageDone = ", done";
export const stageKinds: Record<Kind, string> = { round: "A round with the stick", open: "Open floor", quiet: "Quiet, with a bell", lead: "I lead" };
export const whatNow = "What to do now";
export const goOnToStage = (title: string) => `Go on to: ${title}`;
export const back = "Back";
export const backTo = (title: string) => `Back to: ${title}`;
export const moreMinutes = (n: number) => `${n} more minutes`;
export const editTonight = "Edit tonight…";
export const remind = "Show ground rules";
export const youToo = "you";
export const step = {
  arriving: (first: string) => `People are arriving. When everybody has had a moment, begin the circle. First comes: ${first}.`,
  before: "This card tells you at every step what to do. Nobody else sees it.",
  held: "Everything waits, and nobody loses their place. Let it go on when it is time.",
  moving: (name: string, to: string) => `After ${name}’s words: ${to}. They have been told, and have a minute.`,
  movingSoon: (to: string) => `Now comes: ${to}.`,
  support: (name: string) => `This round is for ${name}. Everybody may say a kind word to them; ${name} comes last.`,
  up: (next: string) => `The time for this is over. When it fits, go on to: ${next}.`,
  goOn: (next: string) => `When you are ready, go on to: ${next}.`,
  last: "This is the last stage. Close the circle when everybody has said goodbye.",
  bell: (next: string) => `The bell has rung. Go on to: ${next}.`,
  quiet: (at: string) => `The circle is quiet until ${at}, then the bell tells everybody. There is nothing to do.`,
  lead: "You lead this stage: what you write goes to everybody.",
  open: "Anyone may speak. You only see to it that there is room for everybody.",
  openUntil: (at: string) => `Anyone may speak, until about ${at}.`,
  beside: "Somebody has the stick. When they are done, this stage goes on by itself.",
  openInRound: "The floor is open. When it is time, go back to the stick.",
  roundOver: (next: string) => `Everybody was offered the stick. When you are ready, go on to: ${next}.`,
  upInRound: (n: number) => `The time for this is over. ${n ? `${inWords(n)} still ${many(n, "waits", "wait")}. ` : ""}Go on when it fits, or give it some minutes more.`,
  noHands: "The stick rests. Whoever would like to speak raises a hand, and is offered it.",
  handsFirst: "Whoever raises a hand is offered the stick next, by itself.",
  resting: (name: string) => `The stick rests.${name ? (name === nextYou ? " You are next." : ` Next comes ${name}.`) : ""} Go on when it is time.`,
  thenBySelf: (name: string) => `The stick goes round by itself; next ${name === nextYou ? "it comes to you" : `comes ${name}`}. You only listen.`,
  lastOne: "The stick goes round by itself. This is the last turn of the round.",
  closes: (at: string) => `The closing round begins by itself at ${at}.`,
};
export const waitAsk = {
  title: (names: string, several: boolean) => `${names} ${several ? "haven’t" : "hasn’t"} had the stick yet`,
  closing: "They can say it in the closing round, and everybody is told so.", past: "This round ends without them.", no: "Stay here",
};
export const youKeepTime = (title: string, so: string, left: number) => `You keep the time. ${title}: ${so}${left ? `, then ${minutes(left)} more` : ""}.`;

export const stillToCome = "Still to come";
export const handsInOrder = "Hands raised, in order";
export const everybodyElse = "Everybody else";
export const handsRaised = "Hands raised";
export const duties: Record<Duty, string> = { timekeeper: "keeps the time", greeter: "greets", reader: "reads" };
export const gripOf = (name: string, place: number, all: number) => `Move ${name}, ${place} of ${all}`;
export const gripHint = "Up and down arrow keys move it. Pressing it shows more ways.";
export const movedTo = (name: string, place: number, all: number) => `${name} is number ${place} of ${all} now.`;
export const leftMeanwhile = (name: string) => `${name} has just left the list. Nothing else was moved.`;
export const giveBack = (name: string) => `Give the chair back to ${name}`;
export const supportAsked = (name: string) => `You asked ${name} about a support round. They answer when they like.`;
export const supportWanted = (name: string) => `${name} would like a support round.`;
export const supportComes = (name: string) => `${name} would like a support round. It begins as soon as the stick is free.`;
export const supportYes = "Begin it when the stick is free";
export const offerSupport = "Offer a support round";
export const place_ = "Change their place…";
export const placeAsk = { title: (name: string, place: number, all: number) => `${name}: ${place} of ${all}`, up: "Move up", down: "Move down", end: "To the end", done: "Done" };
export const dutiesMore = "A task for tonight…";
export const dutiesAsk = {
  title: (name: string) => `A task for ${name}`, say: "Everybody sees it. It can be taken back at any time.", done: "Done",
  give: { timekeeper: "Keep the time", greeter: "Greet people", reader: "Read aloud" } satisfies Record<Duty, string>,
  take: { timekeeper: "Keep the time: take it back", greeter: "Greet people: take it back", reader: "Read aloud: take it back" } satisfies Record<Duty, string>,
};
export const handOver = "Hand over the chair…";
export const handOverAsk = {
  title: (name: string) => `Hand the chair to ${name}?`, yes: "Hand it over",
  say: "They keep the circle from then on, and everybody sees it. You can take it back at any time.",
  sayBack: "They keep the circle again, and everybody sees it. You stay a deputy.",
};

// tonight's agenda, to be changed
export const plan = {
  title: "Edit tonight", say: "Only tonight changes. What has begun stays as it is.",
  what: (kind: Kind, order: Order | undefined, turn: number, split: boolean) =>
    [stageKinds[kind], order && orders[order], turn ? `${turn < 60_000 ? "half a minute" : minutes(Math.round(turn / 60_000))} each` : split ? "time split equally" : ""].filter(Boolean).join(" · "),
  up: (t: string) => `Move up: ${t}`, down: (t: string) => `Move down: ${t}`,
  less: (t: string) => `Less time: ${t}`, more: (t: string) => `More time: ${t}`,
  words: (t: string) => `Title, question and more: ${t}`,
  stageTitle: "Title", prompt: "What is asked, for everybody to read",
  out: "Leave out tonight", isOut: (t: string) => `${t} is left out.`, back: "Put back",
  closing: "The closing round can be moved and changed, not left out: in it everybody is heard once more.",
  add: "Add a stage", full: "That is as many stages as an evening can hold.",
  kind: "How does it go?", order: "Who speaks next?", minutes: "Minutes", turn: "Time for each", turnFree: "as it comes", addIt: "Add it", notYet: "Not now",
  added: (t: string) => `${t} is added.`, moved: (t: string, place: number, all: number) => `${t} is number ${place} of ${all} now.`,
  closes: (at: string) => `The closing round begins at ${at}`, closesNow: "The closing round begins right away", ends: (at: string) => `it ends about ${at}`,
  ifNow: "if you begin now",
  save: "Save", later: "Close", discard: "Undo all",
  kept: "Your changes are still here. They are not saved yet.",
  changed: "Something changed tonight meanwhile, perhaps somebody else edited it too. This is how it stands now, with your changes put back in. Please look it over, then save.",
  saved: "Tonight’s agenda is changed.",
  nothing: "Nothing comes after this any more.",
  long: (t: string) => `That is a little too long to fit: ${t}…`,
};
export const orders: Record<Order, string> = {
  ring: "as they sit", reversed: "as they sit, the other way round", hands: "raised hands, first come", least: "raised hands, least heard first", nominate: "the last speaker names the next", random: "by lot, told at the start",
};

// talks aside and quiet rooms
export const aside = {
  talk: "Talk aside…",
  quiet: "Quiet room with…",
  quietAsk: "Who comes along?",
  quietSay: "A quiet room is for two or three. Whoever is in it has stepped out of the circle, and their place is kept.",
  me: "me",
  endTheirs: { talk: "End their talk aside", quiet: "End their quiet room" },
  toKeeper: (name: string) => `A word with ${name}, aside`,
  toModerator: (name: string) => `A word with ${name}, a moderator`,
  greet: "Talk aside with somebody new",
  greetAsk: "With whom?",
  isAside: "talking aside",
  isOut: "in a quiet room",
  out: "stepped out, place kept",
  youAreOut: "You have stepped out. The circle keeps your place.",
  asks: (name: string) => `${name} would like a word with you, just the two of you.`,
  asksQuiet: (name: string, who: string) => `${name} asks you into a quiet room${who ? `, with ${who}` : ", just the two of you"}.`,
  yours: { talk: (who: string) => `You asked ${who} for a word.`, quiet: (who: string) => `Your quiet room with ${who} is open.` },
  only_: (who: string) => `Only you and ${who} see this.`,
  goesOn: "The circle goes on behind it.",
  keeps: "The circle keeps your place.",
  keptPlace: "You step out of the circle for a while, and it keeps your place.",
  go: "Go",
  notNow: "Not now",
  title: { talk: (who: string) => `With ${who}`, quiet: (who: string) => `Quiet room with ${who}` },
  label: "What you say aside",
  say: "Say it aside",
  write: "Write here",
  waiting: (who: string) => `${who} isn’t here yet. No hurry.`,
  fold: "Fold away",
  unfold: (n: number) => (n > 0 ? `Open · ${n} new` : "Open"),
  back: "Back to the circle",
  end: { talk: "End the talk", quiet: "End the quiet room" },
  ended: { talk: "The talk has ended. The circle is where you left it.", quiet: "The quiet room has ended. You are back in the circle." },
  notToday: "They can’t just now. Nobody needs a reason.",
  onlyYou: "What was said here is on this page only, until you close it.",
  close: "Close",
};
