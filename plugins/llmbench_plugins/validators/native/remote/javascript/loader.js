// Loads files as ES modules or as CommonJS, whichever they are: each once, in circles too.
'use strict';

const fs = require('fs');
const path = require('path');
const vm = require('vm');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');

const ENDINGS = ['', '.js', '.mjs', '.cjs', '.json', '/index.js', '/index.mjs'];

class Loader {
  // given(name, from) returns { names, common } for what comes from elsewhere, and undefined for a file or a package.
  constructor(given = () => undefined) {
    this.given = given;
    this.modules = new Map();
    this.commons = new Map();
  }

  // Returns what a file exports, and whether it is CommonJS.
  async load(file) {
    if (!isModule(file)) return { names: namesOf(this.common(file)), common: true };
    const module = this.module(file);
    if (module.status === 'unlinked') await module.link((name, from) => this.linked(name, from.identifier));
    // Babel, through which jest loads such files, gives them these names too.
    const common = { exports: {} };
    Object.assign(globalThis, { require: this.requireFrom(file), module: common, exports: common.exports });
    Object.assign(globalThis, { __filename: file, __dirname: path.dirname(file) });
    await module.evaluate();
    return { names: { ...common.exports, ...module.namespace }, common: false };
  }

  module(file) {
    if (!this.modules.has(file)) {
      const made = new vm.SourceTextModule(fs.readFileSync(file, 'utf8'), {
        identifier: file,
        importModuleDynamically: (name) => this.dynamic(name, file),
        initializeImportMeta: (meta) => Object.assign(meta, { url: pathToFileURL(file).href, filename: file, dirname: path.dirname(file) }),
      });
      this.modules.set(file, made);
    }
    return this.modules.get(file);
  }

  async dynamic(name, from) {
    const module = await this.linked(name, from);
    if (module.status === 'unlinked') await module.link((next, within) => this.linked(next, within.identifier));
    await module.evaluate();
    return module;
  }

  async linked(name, from) {
    const given = this.given(name, from);
    if (given) return this.synthetic(`given ${name} ${path.dirname(from)}`, given.names);
    if (!isRelative(name)) return this.synthetic(`outside ${name}`, await import(name));
    const file = found(path.resolve(path.dirname(from), name));
    return isModule(file) ? this.module(file) : this.synthetic(`common ${file}`, namesOf(this.common(file)));
  }

  async synthetic(key, names) {
    if (!this.modules.has(key)) {
      const keys = Object.keys(names);
      const made = new vm.SyntheticModule(keys, () => keys.forEach((each) => made.setExport(each, names[each])), { identifier: key });
      this.modules.set(key, made);
    }
    return this.modules.get(key);
  }

  common(file) {
    if (file.endsWith('.json')) return JSON.parse(fs.readFileSync(file, 'utf8'));
    if (!this.commons.has(file)) {
      const made = { exports: {}, id: file, filename: file };
      this.commons.set(file, made);
      try {
        this.run(file, made);
      } catch (error) {
        this.commons.delete(file);
        throw error;
      }
    }
    return this.commons.get(file).exports;
  }

  run(file, made) {
    const scope = ['exports', 'require', 'module', '__filename', '__dirname'];
    const source = fs.readFileSync(file, 'utf8').replace(/^#!.*/, '');
    const run = vm.compileFunction(source, scope, { filename: file, importModuleDynamically: (name) => this.dynamic(name, file) });
    run.call(made.exports, made.exports, this.requireFrom(file), made, file, path.dirname(file));
  }

  requireFrom(file) {
    const real = createRequire(file);
    const require = (name) => {
      const given = this.given(name, file);
      if (given) return given.common && given.names.default !== undefined ? given.names.default : given.names;
      const at = isRelative(name) ? found(path.resolve(path.dirname(file), name)) : undefined;
      return at === undefined || isModule(at) ? real(name) : this.common(at);
    };
    return Object.assign(require, real);
  }
}

function isRelative(name) {
  return /^\.\.?(?:\/|$)/.test(name);
}

function found(file) {
  return ENDINGS.map((ending) => file + ending).find(isFile) ?? file;
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function isModule(file) {
  if (/\.(?:mjs|cjs|json)$/.test(file)) return file.endsWith('.mjs');
  return /^\s*(?:import\b\s*[\w*{"'$]|export\b\s*[\w*{$])/m.test(fs.readFileSync(file, 'utf8'));
}

function namesOf(all) {
  return all?.__esModule ? { ...all } : { ...all, default: all };
}

module.exports = { Loader, isRelative };
