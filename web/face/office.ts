// What the pages for those who run the house load beside front.ts.
document.documentElement.dataset.office = "";
