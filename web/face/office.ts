// What the pages for those who run the house load beside front.ts.
import { HearthPasskey, HearthWelcome } from "./passkey.ts";
import { ownZone } from "./zone.ts";

document.documentElement.dataset.office = "";
customElements.define("hearth-passkey", HearthPasskey);
customElements.define("hearth-welcome", HearthWelcome);
ownZone();
