// Runs a script of Python in Pyodide, without a network: node pyodide.mjs CORE FOLDER SCRIPT
// CORE holds Pyodide's core; FOLDER is the static folder, whose app and wheels are unpacked as stlite does.
import fs from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"

const [core, folder, script] = process.argv.slice(2).map((name) => path.resolve(name))
const { loadPyodide } = await import(pathToFileURL(path.join(core, "pyodide.mjs")))
const python = await loadPyodide({ indexURL: core + path.sep })
const options = JSON.parse(/const options = (\{.*?^\})/ms.exec(fs.readFileSync(path.join(folder, "index.html"), "utf8"))[1])
const unpack = (name, where) =>
  python.unpackArchive(new Uint8Array(fs.readFileSync(path.join(folder, name))), "zip", where)
for (const archive of options.archives) unpack(archive.url, archive.options)
for (const name of fs.readdirSync(path.join(folder, "stlite", "wheels")))
  unpack(path.join("stlite", "wheels", name), { extractDir: "/stlite" }) // to be looked at, not to be imported
console.log(python.runPython(fs.readFileSync(script, "utf8")))
