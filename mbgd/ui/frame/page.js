// What Streamlit has no option for, once per browser tab: a menu that closes, keys that do nothing by surprise, a focus
// and a result that stay on the screen, and a voice for screen readers.
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

// A pressed button may be disabled by what it does. The focus then goes to the next button of its row that can be pressed,
// but never to one that erases something: rather to the note that says what happened.
const ERASES = '[class*="st-key-again_"], .st-key-reset'
let focused = null // the button that has the focus, with the row that it is in
function rememberFocus({ target }) {
  const row = target.closest('[data-testid="stMain"] .stHorizontalBlock')
  focused = row && target.matches("button") ? { button: target, row, at: buttonsOf(row).indexOf(target) } : null
}

const buttonsOf = (row) => [...row.querySelectorAll("button")].filter((one) => one.offsetParent)

function keepFocus() {
  if (!focused || !isDisabled(focused.button)) return
  if (document.activeElement !== document.body && document.activeElement !== focused.button) return
  const buttons = buttonsOf(focused.row)
  const next = [...buttons.slice(focused.at), ...buttons.slice(0, focused.at).reverse()].find(
    (one) => !isDisabled(one) && !one.closest(ERASES))
  const note = focused.row.parentElement.parentElement.querySelector(".mbgd-status")
  if (!next && note) note.tabIndex = -1
  const target = next ?? note
  target?.focus({ preventScroll: true })
}

// Where columns are stacked, the result of Run may be off the screen: bring its picture to the middle. What is drawn
// above and in it grows for a while, so it is brought there a few times, unless the reader takes over.
function showResult(event) {
  const run = event.target.closest('[data-testid="stMain"] [class*="st-key-run_"] button')
  if (!run || run.disabled || main().clientWidth > NARROW) return
  const row = run.closest(".stHorizontalBlock:has(> .stColumn)") ?? main()
  let looks = 0
  const timer = setInterval(() => {
    const late = (looks += 1) > 10
    const seen = row.querySelector("canvas") ?? (late && row.querySelector('[data-testid="stProgress"]'))
    if (seen) seen.scrollIntoView({ block: "center" })
    if (looks > 20) clearInterval(timer)
  }, 150)
  for (const other of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(other, () => clearInterval(timer), { once: true })
  }
}

// One polite voice: it says each of the page's `.mbgd-announce` when that changes, but not what a page opens with.
let said = null
const voice = document.createElement("p")
voice.className = "mbgd-voice"
voice.setAttribute("role", "status")
function announce() {
  const texts = [...document.querySelectorAll(".mbgd-announce")].map((one) => one.textContent)
  const news = texts.filter((text) => said?.page === location.pathname && !said.texts.includes(text))
  if (texts.length) said = { page: location.pathname, texts }
  if (news.length) voice.textContent = news.join(" ")
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

function afterChange() {
  keepFocus()
  announce()
}

if (!window.mbgdPage) {
  window.mbgdPage = true
  keepOneEntryPerPage()
  document.body.append(voice)
  document.addEventListener("click", closeMenu)
  document.body.addEventListener("keydown", keepLetters)
  document.addEventListener("focusin", rememberFocus)
  document.addEventListener("click", showResult, true)
  addEventListener("beforeprint", notePrintedTheme)
  new MutationObserver(afterChange).observe(document.getElementById("root"), {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["disabled"],
  })
}
