// What Streamlit has no option for, once per browser tab: a menu that closes, keys that do nothing by surprise, a focus
// and a result that stay on the screen, and names and a voice for screen readers.
const NARROW = 774 // pixels: up to this width of the page, with its edges, its columns are stacked (style.css)

const main = () => document.querySelector('[data-testid="stMain"]')
const isDisabled = (element) => element.disabled || !element.isConnected

// On a phone the sidebar covers the page: a page chosen there closes it.
function closeMenu(event) {
  if (window.innerWidth < 768 && event.target.closest('[data-testid="stPageLink-NavLink"]')) {
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
  }
}

// Streamlit runs the page again at an r, and empties its cache at a c, wherever they are typed. A single letter is no command here.
function keepLetters(event) {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && /^[rc]$/i.test(event.key)) event.stopPropagation()
}

// A pressed button may be disabled by what it does, or go. If there is a result, the focus then goes to the note that says it,
// so that a second press starts nothing. Else it goes to the button that goes on, or to the next one of its row that can
// be pressed, but never to one that erases something. Start over leads to the question, and what is deleted to its list.
const GOES_ON = '[data-testid="stBaseButton-primary"]' // Train, Run or Go on
const ERASES = '[class*="st-key-again_"], .st-key-reset'
const STOPS = '.st-key-pause button, [class*="st-key-stop_"] button'
const RESULT = ".mbgd-good, .mbgd-bad"
const TOOLS = '[data-testid="stElementToolbar"]' // of a chart: Streamlit itself moves the focus to and from full screen
// Whoever points does not need the focus there, and would only see the button's tooltip.
let points = false
let focused = null // the button that has the focus, with the row and the fold that it is in, if there are any
function rememberFocus({ target }) {
  const row = target.closest(".stHorizontalBlock"), inMain = target.closest('[data-testid="stMain"]')
  focused = inMain && target.matches("button") && !target.closest(TOOLS)
    ? { button: target, row, at: row ? buttonsOf(row).indexOf(target) : 0, fold: target.closest("details"),
      again: target.closest('[class*="st-key-again_"]') }
    : null
}

const buttonsOf = (row) => [...row.querySelectorAll("button")].filter((one) => one.offsetParent)
const canPress = (one) => one.offsetParent && !isDisabled(one)

// The note that belongs to a row of buttons: the next one on the page, or the last, if the row is gone.
function noteAfter(row) {
  const notes = [...main().querySelectorAll(".mbgd-status")].filter((one) => one.offsetParent)
  const after = (one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING
  return row?.isConnected ? notes.find(after) ?? notes[0] : notes[0]
}

// The first answer of the question above a row of buttons.
function answerBefore(row) {
  const before = (one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING
  const group = [...main().querySelectorAll('[class*="st-key-predict_"] [role="radiogroup"]')].filter(before).at(-1)
  return group?.querySelector("input")
}

function nextFocus({ button, row, at, fold, again }) {
  if (!button.isConnected && fold?.isConnected) return fold.querySelector("summary")
  if (again && row.isConnected) return answerBefore(row)
  const note = noteAfter(row)
  if (!row?.isConnected) return [...main().querySelectorAll(STOPS)].find(canPress) ?? note
  if (note?.matches(RESULT)) return note
  const buttons = buttonsOf(row)
  return [...buttons.filter((one) => one.matches(GOES_ON)), ...buttons.slice(at), ...buttons.slice(0, at).reverse()]
    .find((one) => canPress(one) && !one.closest(ERASES)) ?? note
}

function keepFocus() {
  if (points || !focused || !isDisabled(focused.button)) return
  if (document.activeElement !== document.body && document.activeElement !== focused.button) return
  const next = nextFocus(focused)
  if (!next) return
  const isNote = next.matches(".mbgd-status")
  if (isNote) next.tabIndex = -1
  next.focus({ preventScroll: true })
  if (isNote || focused.again) (next.closest("label") ?? next).scrollIntoView({ block: "nearest" })
}

// Streamlit describes the box around the button of a help text, and only while the text is open. It opens with the focus.
function describeHelp({ target }) {
  const box = target.closest('[data-testid="stTooltipHoverTarget"]')
  if (!box || !target.matches("button")) return
  setTimeout(() => {
    const text = box.getAttribute("aria-describedby")
    if (text) target.setAttribute("aria-describedby", text)
  }, 300)
}

// A change of page puts the focus on the heading of the new page, where reading begins, or on the glossary, if it was
// asked for.
let opened = null // the page, and its heading
let asksGlossary = new URLSearchParams(location.search).get("glossary") === "open"
function noteLink({ target }) {
  if (target.closest("a")) asksGlossary = target.closest(".st-key-to_glossary") !== null
}

function focusHeading() {
  const heading = main()?.querySelector("h1")
  if (!heading || heading === opened?.heading) return
  if (opened && opened.page !== location.pathname) heading.focus()
  opened = { page: location.pathname, heading }
  if (asksGlossary) showGlossary()
  asksGlossary = false
}

// What is drawn above the glossary grows for a while, so it is brought to the top a few times.
function showGlossary(looks = 0) {
  const title = main().querySelector(".st-key-glossary summary")
  title?.focus({ preventScroll: true })
  title?.scrollIntoView({ block: "start" })
  if (looks < 8) setTimeout(() => showGlossary(looks + 1), 150)
}

// A pressed button is often disabled at once, and Streamlit then leaves its tooltip open over the page: style.css hides
// it until another thing is pointed at.
let pressed = null // the box around the button
function hideTooltip({ target }) {
  const box = target.closest('[data-testid="stMain"] [data-testid="stTooltipHoverTarget"]')
  pressed = target.closest("button:not([aria-label])") ? box : null
  document.documentElement.toggleAttribute("data-pressed", pressed !== null)
}
function showTooltips({ target, type }) {
  if (!pressed || (type === "pointerover" && pressed.contains(target))) return
  pressed = null
  document.documentElement.toggleAttribute("data-pressed", false)
}

// Names for screen readers, and the one place of a group of buttons where Tab enters it: the chosen button, or the first.
let named = 0
const idOf = (element) => (element.id ||= `mbgd-named-${(named += 1)}`)
function nameParts() {
  const heading = main()?.querySelector("h1")?.firstChild?.textContent.trim()
  if (heading && main().ariaLabel !== heading) main().ariaLabel = heading
  for (const handle of document.querySelectorAll('[data-testid="stSlider"] input[aria-labelledby*=" "]')) {
    const names = handle.getAttribute("aria-labelledby") // its own name, and that of the box around it, which is the same
    handle.setAttribute("aria-labelledby", names.split(" ").at(-1))
  }
  for (const bar of document.querySelectorAll('[data-testid="stProgress"] [role="progressbar"]:not([aria-labelledby])')) {
    const text = bar.closest('[data-testid="stProgress"]').querySelector("p")
    if (text) bar.setAttribute("aria-labelledby", idOf(text))
  }
  for (const answers of document.querySelectorAll('[class*="st-key-predict_"] [role="radiogroup"]:not([aria-describedby])')) {
    const question = answers.closest('[class*="st-key-predict_"]').previousElementSibling
    if (question) answers.setAttribute("aria-describedby", idOf(question))
  }
  // The results of a chart stand below it: in its own words they would make Streamlit build it anew.
  for (const words of document.querySelectorAll('[id^="mbgd-results-"]')) {
    const charts = words.closest(".st-key-live_part")?.querySelectorAll('[role="graphics-document"]') ?? []
    charts[Number(words.id.at(-1))]?.setAttribute("aria-describedby", words.id)
  }
  for (const group of document.querySelectorAll('[data-testid="stButtonGroup"] [role="radiogroup"]')) {
    const buttons = [...group.querySelectorAll('[role="radio"]')]
    const entry = buttons.find((one) => one.ariaChecked === "true") ?? buttons[0]
    for (const one of buttons) {
      const place = one === entry || one === document.activeElement ? 0 : -1
      if (one.tabIndex !== place) one.tabIndex = place
    }
  }
}

// Where columns are stacked, the result of Run may be off the screen: bring its picture to the middle. What is drawn
// above and in it grows for a while, so it is brought there a few times, and again when the answer is marked, unless the
// reader takes over.
function showResult(event) {
  const run = event.target.closest('[data-testid="stMain"] [class*="st-key-run_"] button')
  if (!run || run.disabled || main().clientWidth > NARROW) return
  const row = run.closest(".stHorizontalBlock:has(> .stColumn)")
  let looks = 0, marked = 0
  const timer = setInterval(() => {
    const late = (looks += 1) > 10
    const beside = row?.querySelector(".mbgd-beside")
    const seen = row?.querySelector("canvas") ?? (late && row?.querySelector('[data-testid="stProgress"]'))
    const isMarked = beside?.checkVisibility()
    const note = isMarked ? beside : noteAfter(run)
    if (isMarked) marked += 1
    if (marked > 10 || looks > 400) clearInterval(timer)
    if (looks > 20 && !isMarked) return
    // the marking and the picture below it, if both fit on the screen; without a picture, the note alone
    const both = seen && note && seen.getBoundingClientRect().bottom - note.getBoundingClientRect().top
    broughtAt = performance.now()
    if (note && (isMarked || !row || (both > 0 && both < innerHeight - 60))) note.scrollIntoView({ block: "start" })
    else if (seen) seen.scrollIntoView({ block: "center" })
  }, 150)
  for (const other of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(other, () => clearInterval(timer), { once: true })
  }
}

// A press in the bar of batch sizes changes the notes above the chart that is looked at: the chart stays where it is.
const STAYS = 2000 // milliseconds in which the page answers
function keepChartInPlace({ target }) {
  if (!target.closest(".st-key-batch_bar")) return
  const isSeen = ({ top, bottom }) => top < innerHeight && bottom > 0
  const chart = [...main().querySelectorAll("canvas")].find((one) => isSeen(one.getBoundingClientRect()))
  if (!chart) return
  const top = chart.getBoundingClientRect().top, until = performance.now() + STAYS
  let stays = true
  for (const other of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(other, () => (stays = false), { once: true })
  }
  const look = () => {
    if (!stays || !chart.isConnected || performance.now() > until) return
    broughtAt = performance.now()
    main().scrollTop += chart.getBoundingClientRect().top - top
    requestAnimationFrame(look)
  }
  look()
}

// On a narrow page the button of the menu lies over what is read: it goes while the page is scrolled down, and comes back
// when it is scrolled up.
let scrolledTo = 0, broughtAt = 0 // where the page is scrolled to, and when it was scrolled by itself to a result
function giveWay({ target }) {
  if (target !== main()) return
  const down = target.scrollTop > scrolledTo || performance.now() - broughtAt < 1000
  scrolledTo = target.scrollTop
  document.documentElement.toggleAttribute("data-reads-on", down && scrolledTo > 40)
}

// One polite voice: it says each of the page's `.mbgd-announce` when that changes, and one that is new also when it
// appears. What the page opens with is not new.
const GONE = 1500 // milliseconds: one that was gone for longer is new again; a redraw may hide it for a moment
let heardOn = null // the page
const heard = new Map() // what was last said of each run, and since when it is gone
const SAID = 10_000 // milliseconds after which a sentence is taken away again
const voice = document.createElement("div")
voice.className = "mbgd-voice"
voice.setAttribute("role", "status")
voice.setAttribute("aria-atomic", "false") // a new sentence is said after the last one, and does not replace it
function say(text) {
  const sentence = document.createElement("p")
  sentence.textContent = text
  voice.append(sentence)
  setTimeout(() => sentence.remove(), SAID)
}
function announce() {
  const now = performance.now(), here = new Set(), news = []
  if (heardOn !== location.pathname) for (const [of, one] of heard) if (!one.isNew) heard.delete(of)
  heardOn = location.pathname
  for (const { textContent, dataset } of document.querySelectorAll(".mbgd-announce")) {
    const isNew = dataset.new !== undefined, before = heard.get(dataset.of)
    const appears = !before || now - before.gone > GONE
    heard.set(dataset.of, { textContent, isNew })
    here.add(dataset.of)
    if (textContent && (appears ? isNew : before.textContent !== textContent)) news.push(textContent)
  }
  for (const [of, one] of heard) if (!here.has(of)) one.gone ??= now
  news.forEach(say)
}

// A canvas keeps the colours of its theme. Paper is light, so style.css turns the canvases of the dark theme there.
function notePrintedTheme() {
  const dark = getComputedStyle(document.querySelector('[data-testid="stApp"]')).colorScheme.includes("dark")
  document.documentElement.toggleAttribute("data-printed-dark", dark)
}

// Streamlit makes an entry in the browser's history at each change of the address. Here a page has one entry, which its
// changes overwrite, and Back leads to the page before. Only the entry of the link that opened the app is never
// overwritten: it has no state, which each later entry has.
function keepOneEntryPerPage() {
  const push = history.pushState.bind(history)
  history.pushState = (state, title, address) => {
    const samePage = new URL(address, location.href).pathname === location.pathname
    if (samePage && history.state !== null) history.replaceState(state, title, address)
    else push(state, title, address)
  }
}

// Does it once for all calls of so many milliseconds, at their end: during a run there are many changes a second.
function onceIn(milliseconds, act) {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    setTimeout(() => {
      waiting = false
      act()
    }, milliseconds)
  }
}
const nameSoon = onceIn(100, nameParts)
// The buttons of a row change one after the other: only when all have is it clear which can be pressed.
const keepFocusSoon = onceIn(250, keepFocus)

function afterChange() {
  focusHeading()
  keepFocusSoon()
  announce()
  nameSoon()
}

// A tab that nobody looks at asks for no redraws: its run waits, and goes on where it stood when the tab is seen again.
function restWhenHidden() {
  const every = window.setInterval
  window.setInterval = (act, ...rest) =>
    every(typeof act === "function" ? (...given) => document.hidden || act(...given) : act, ...rest)
}

if (!window.mbgdPage) {
  window.mbgdPage = true
  restWhenHidden()
  keepOneEntryPerPage()
  document.body.append(voice)
  document.addEventListener("click", closeMenu)
  document.addEventListener("click", noteLink, true)
  document.body.addEventListener("keydown", keepLetters)
  document.addEventListener("focusin", rememberFocus)
  document.addEventListener("focusin", describeHelp)
  document.addEventListener("pointerdown", () => (points = true), true)
  document.addEventListener("keydown", () => (points = false), true)
  document.addEventListener("click", showResult, true)
  document.addEventListener("click", keepChartInPlace, true)
  document.addEventListener("pointerover", showTooltips, true)
  document.addEventListener("focusin", showTooltips)
  document.addEventListener("click", hideTooltip, true)
  document.addEventListener("scroll", giveWay, { capture: true, passive: true })
  addEventListener("beforeprint", notePrintedTheme)
  new MutationObserver(afterChange).observe(document.getElementById("root"), {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["disabled", "aria-checked"],
  })
}
