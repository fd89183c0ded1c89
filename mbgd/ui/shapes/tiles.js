// Draws one step of an update: its arrays as tiles, and below them how the number under the pointer is computed.
// `data` comes from mbgd/charts/shapes/tiles.py. Everything here runs in the browser, without a run of the script.

const WIDE = 640 // pixels; a narrower drawing has two lines and shows fewer cells of each array
const SMALLEST = 11, LARGEST = 44, ROOM_FOR_TEXT = 34 // pixels of a cell
const BESIDE = 22 // pixels for the axis at the side of an array and the sign after it
const WRITTEN_OUT = { wide: [2, 1], narrow: [1, 1] } // how many first and last terms of a long sum are written out

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".tiles")
  const stale = () => Math.abs(root.clientWidth - root.drawnAt) > 4
  const watcher = new ResizeObserver(() => stale() && draw(root, data))
  draw(root, data)
  watcher.observe(root)
  return () => watcher.disconnect()
}

function draw(root, data) {
  root.drawnAt = root.clientWidth
  const way = root.clientWidth < WIDE ? "narrow" : "wide"
  const arrays = data.parts.filter((part) => part.name).map((part) => sampled(part, way, data))
  const cell = cellSize(root, data, arrays, way)
  const parts = data.parts.map((part) => (part.name ? null : element("span", "sign", part)))
  const drawn = arrays.map((array) => figure(array, cell, array === arrays.at(-1)))
  const inOrder = parts.map((sign) => sign ?? drawn.shift())
  const stage = root.querySelector(".stage")
  const hadFocus = stage.contains(root.getRootNode().activeElement)
  stage.style.minHeight = `${stageHeight(root, data, way)}px`
  stage.replaceChildren(...(way === "wide" ? inOrder : inLines(inOrder)))
  const spelled = root.querySelector(".spelled")
  walkable(arrays.at(-1), hadFocus, (i, j, byKey) => {
    lightUp(data.kind, arrays, i, j)
    const lines = inWords(data, arrays, i, j, way)
    spelled.replaceChildren(...lines.map((line) => element("span", "", line)))
    if (byKey) say(lines.join(" "))
  })
}

// --- which cells, and their size ---

// An array as it is drawn: the `places` of its values, and the axes `down` and `across` of its tile. b has one row, but
// it is stretched over the batch and drawn as high as the batch.
function sampled(array, way, { remainder, lettered }) {
  const axes = [array.rows, array.columns]
  const kept = axes.map((axis) => axis[way].shown.map((place) => axis.wide.shown.indexOf(place)))
  const side = (axis) => ({ ...axis, ...axis[way], lettered, remainder: remainder && axis.letter === "B" })
  return {
    ...array,
    places: axes.map((axis) => axis[way].shown),
    values: kept[0].map((i) => kept[1].map((j) => array.values[i][j])),
    down: side(array.stretched ?? array.rows),
    across: side(array.columns),
  }
}

const length = (side) => side.shown.length + side.band
const beforeBand = (side) => (side.band ? side.shown.findIndex((place, i) => place !== i) : side.shown.length)
const linesOf = (arrays, way) => (way === "wide" ? [arrays] : [arrays.slice(0, 2), arrays.slice(2)])
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0)

// The cell size at which even the largest step fits. It sets the height of the drawing for all steps.
function commonCell(root, data, way) {
  const { across, arrays, down } = data.extent[way]
  const fits = (root.clientWidth - 12 - 2 * BESIDE * arrays) / across
  const cell = way === "wide" ? Math.max(SMALLEST, Math.min(20, fits)) : 17
  return Math.max(cell, Math.min(LARGEST, 120 / down))
}

const stageHeight = (root, data, way) =>
  (commonCell(root, data, way) * data.extent[way].down + 58) * (way === "wide" ? 1 : 2)

function cellSize(root, data, arrays, way) {
  const lines = linesOf(arrays, way)
  const across = Math.max(...lines.map((line) => sum(line.map((array) => length(array.across)))))
  const down = Math.max(...arrays.map((array) => length(array.down)))
  const signs = sum(data.parts.filter((part) => !part.name).map((sign) => 16 + 8 * sign.length))
  const room = root.clientWidth - 12 - (BESIDE * arrays.length + signs) / lines.length
  const high = (commonCell(root, data, way) * data.extent[way].down) / down
  return Math.floor(Math.max(SMALLEST, Math.min(LARGEST, room / across, high)))
}

function inLines(parts) {
  const lines = parts.length > 3 ? [parts.slice(0, 3), parts.slice(3)] : [parts]
  return lines.map((line) => element("div", "line", ...line))
}

// --- one array ---

function figure(array, cell, isResult) {
  const grid = element("div", "cells")
  grid.style.gridTemplateColumns = tracks(array.across, cell)
  grid.style.gridTemplateRows = tracks(array.down, cell)
  grid.style.fontSize = `${Math.min(13, cell * 0.32)}px`
  grid.setAttribute("role", isResult ? "grid" : "img")
  grid.setAttribute("aria-label", describe(array) + (isResult ? ": choose a number with the arrow keys" : ""))
  array.cells = array.values.map((line, i) => {
    const cells = line.map((value, j) => tile(array, i, j, cell, value))
    const row = element("div", "row", ...cells)
    if (isResult) {
      row.setAttribute("role", "row")
      cells.forEach((one, j) => {
        one.setAttribute("role", "gridcell")
        one.setAttribute("aria-label", `${nameOf(array, i, j)} = ${write(line[j])}`)
      })
    }
    grid.append(row)
    return cells
  })
  // the one row of b is read for each row of the batch: draw it again, faintly, for each
  const repeats = array.stretched ? array.down.shown.slice(1) : []
  array.ghosts = repeats.map((_, i) => array.values[0].map((value, j) => tile(array, i + 1, j, 0, value)))
  array.ghosts.flat().forEach((one) => one.classList.add("ghost"))
  grid.append(...array.ghosts.flat(), ...leftOut(array, cell))
  return element("figure", isResult ? "array result" : "array", element("figcaption", "name", array.name),
    axisLabel(array.across, "across"),
    axisLabel(array.down, "down", array.stretched && length(array.down) * cell > 150), // if there is room
    grid,
    element("figcaption", "scale", `±${write(array.most, 3)}`))
}

function tracks(side, cell) {
  const before = beforeBand(side)
  const after = side.shown.length - before
  return `repeat(${before}, ${cell}px)` + (side.band ? ` ${side.band * cell}px repeat(${after}, ${cell}px)` : "")
}

function tile(array, i, j, cell, value) {
  const one = element("span", "cell", cell >= ROOM_FOR_TEXT ? write(value, 2) : "")
  const track = (index, side) => index + 1 + (index >= beforeBand(side) ? 1 : 0)
  one.style.gridRow = track(i, array.down)
  one.style.gridColumn = track(j, array.across)
  if (typeof value === "string") one.classList.add("no-number")
  else one.style.setProperty("--share", `${array.most ? Math.min(100, (100 * Math.abs(value)) / array.most) : 0}%`)
  one.classList.toggle("negative", value < 0)
  return one
}

// The bands for the rows and columns that are not drawn. Each shows how many are left out.
function leftOut({ down, across }, cell) {
  const band = (side, name, room, along, other) => {
    if (!side.band) return []
    const count = (side.size - side.shown.length).toLocaleString("en")
    const text = room > 74 ? `⋯ ${count} more` : room > 40 ? `⋯ ${count}` : "⋯"
    const box = element("span", `left-out ${name}`, element("span", "", text))
    box.style[along] = beforeBand(side) + 1
    box.style[other] = "1 / -1"
    return [box]
  }
  return [...band(down, "lines", cell * length(across), "gridRow", "gridColumn"),
    ...band(across, "columns", cell * beforeBand(down), "gridColumn", "gridRow")]
}

function axisLabel(side, where, repeated = false) {
  if (!side.letter) return element("span", `axis ${where}`)
  if (!side.lettered) return element("span", `axis ${where}`, side.size.toLocaleString("en"))
  const letter = element("b", `letter letter-${side.letter}`, side.letter)
  const size = `${side.remainder ? " = r" : ""} = ${side.size.toLocaleString("en")}`
  return element("span", `axis ${where}`, ...(repeated ? ["1 row, read ", letter, size, " times"] : [letter, size]))
}

function describe(array) {
  const sides = [array.rows, array.columns].filter((axis) => axis.letter)
    .map((axis) => (array.down.lettered ? `${axis.letter} = ${axis.size}` : axis.size))
  return `${array.name}, ${sides.join(" by ") || "one number"}`
}

// --- pointing and keys ---

function walkable({ cells }, focused, light) {
  const last = [cells.length - 1, cells[0].length - 1]
  let now = [Math.min(2, last[0]), Math.min(1, last[1])]
  const go = (i, j, focus, byKey = false) => {
    cells[now[0]][now[1]].tabIndex = -1
    now = [i, j]
    cells[i][j].tabIndex = 0
    if (focus) cells[i][j].focus({ preventScroll: true })
    light(i, j, byKey)
  }
  cells.forEach((line, i) => line.forEach((one, j) => {
    one.tabIndex = -1
    one.addEventListener("pointerenter", () => go(i, j, false))
    one.addEventListener("click", () => go(i, j, true))
    one.addEventListener("keydown", (event) => {
      const to = { ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1],
        Home: [i, 0], End: [i, last[1]] }[event.key]
      if (!to) return
      event.preventDefault()
      go(...to.map((place, axis) => Math.max(0, Math.min(last[axis], place))), true, true)
    })
  }))
  go(...now, focused)
}

// The page has one voice for screen readers (page.js). A new sum replaces the last one, which goes after 10 s.
function say(text) {
  const voice = document.querySelector(".mbgd-voice")
  if (!voice) return
  voice.querySelector("[data-sum]")?.remove()
  const sentence = document.createElement("p")
  sentence.dataset.sum = ""
  sentence.textContent = text
  voice.append(sentence)
  setTimeout(() => sentence.remove(), 10_000)
}

function lightUp(kind, arrays, i, j) {
  const result = arrays.at(-1)
  const column = (array) => array.cells.map((line) => line[j])
  const touched = (array, index) => {
    if (array === result) return [array.cells[i][j]]
    if (kind === "product" && index === 0) return array.cells[i]
    if (kind === "product" && index === 1) return column(array)
    if (kind === "product") return [array.cells[0][j], ...(i > 0 ? [array.ghosts[i - 1][j]] : [])]
    if (kind === "sum") return column(array)
    if (kind === "loss") return index === 2 ? array.cells.flat() : []
    return [array.cells[i][j]]
  }
  arrays.forEach((array, index) => {
    const lit = new Set(touched(array, index))
    ;[...array.cells, ...array.ghosts].flat().forEach((one) => one.classList.toggle("lit", lit.has(one)))
  })
}

// --- the number written out ---

function nameOf(array, i, j) {
  const at = [array.places[0][i], array.places[1][j]]
  if (array.indices === 0) return array.name
  if (array.indices === 1) return `${array.symbol}[${array.upright ? at[0] : at[1]}]`
  return `${array.symbol}[${(array.turned ? at.reverse() : at).join(",")}]`
}

function write(value, digits = 4) {
  if (typeof value === "string") return value
  const size = Math.abs(value)
  const short = size !== 0 && (size < 1e-3 || size >= 1e5)
  const text = short ? value.toExponential(Math.min(digits, 4) - 1) : String(+value.toPrecision(digits))
  return text.replaceAll("-", "−")
}

const inBrackets = (value) => (value < 0 ? `(${write(value)})` : write(value))

function inWords(data, arrays, i, j, way) {
  const result = arrays.at(-1)
  const whole = { name: nameOf(result, i, j), value: result.values[i][j] }
  const one = (array, p, q) => {
    const value = array.values[p][q]
    return { name: nameOf(array, p, q), written: inBrackets(value), value }
  }
  const times = (x, w) =>
    ({ name: `${x.name}·${w.name}`, written: `${x.written}·${w.written}`, value: x.value * w.value })
  if (data.kind === "given") {
    const named = [data.row_names[result.places[0][i]], data.column_names[result.places[1][j]]]
    return [`${whole.name} = ${write(whole.value)}`, named.join(", ")]
  }
  if (data.kind === "product") {
    const [left, right, b] = arrays
    const terms = left.places[1].map((_, p) => times(one(left, i, p), one(right, p, j)))
    return asSum(whole, terms, left.columns.size, way, b.stretched ? [one(b, 0, j)] : [])
  }
  if (data.kind === "sum") {
    const [dZ] = arrays
    return asSum(whole, dZ.values.map((_, p) => one(dZ, p, j)), dZ.rows.size, way)
  }
  if (data.kind === "loss") {
    const each = arrays[2]
    return asSum(whole, each.values.map((_, p) => one(each, p, 0)), each.rows.size, way, [], each.rows.size)
  }
  const fill = (field) => data.formula.replace(/\{(\d)\}/g, (_, index) => one(arrays[index], i, j)[field])
  return [`${whole.name} = ${fill("name")}`, `= ${fill("written")}`, `= ${write(whole.value, 6)}`]
}

// A sum of `count` terms and the bias, divided by `divisor`. The middle of a long sum is left out: only the number of
// its terms and their sum are shown.
function asSum(whole, terms, count, way, bias = [], divisor = 1) {
  const [first, last] = WRITTEN_OUT[way]
  const long = count > first + last + 1
  const head = long ? terms.slice(0, first) : terms
  const tail = [...(long ? terms.slice(-last) : []), ...bias]
  const rest = whole.value * divisor - sum([...head, ...tail].map((term) => term.value))
  const left = (count - first - last).toLocaleString("en")
  const line = (field, middle) => {
    const written = (some) => some.map((term) => term[field])
    const text = [...written(head), ...(long ? [middle] : []), ...written(tail)].join(" + ")
    return divisor === 1 ? text : `(${text}) / ${divisor.toLocaleString("en")}`
  }
  return [
    `${whole.name} = ${line("name", `⋯ ${left} more ⋯`)}`,
    `= ${line("written", `⋯ ${left} more: ${write(rest)} ⋯`)}`,
    `= ${write(whole.value, 6)}`,
  ]
}

function element(tag, className = "", ...content) {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.append(...content)
  return made
}
