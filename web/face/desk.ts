// What the moderators' desk loads, and nothing beside it.
import "./front.ts";
import { HearthDesk } from "./desktop.ts";

document.documentElement.dataset.office = "";
customElements.define("hearth-desk", HearthDesk);
