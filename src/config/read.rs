//! TOML to a configuration, key by key.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result};
use jiff::SignedDuration;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::document::{Document, Key, Table, Value};
use super::keys::{CRITERIA, DEMANDS, Entry, OF_RULE, OF_WAIVER, TOP, names};
use super::list;
use crate::accepted::{ALLOWED_REGIONS, KnownValues, WORD_LISTS};
use crate::finding::Severity;
use crate::inventory::vocabulary::ResourceType;
use crate::limits::{LIMITS, Limits};
use crate::param::Param;
use crate::parse::time;
use crate::rule::Rule;
use crate::rules::RULES;
use crate::settings::{Off, Origin, SetParam, nearest};
use crate::tier::{NameList, TagPattern, Tier};
use crate::waiver::{Pattern, Waiver};

/// The number of a tier is a byte in memory, and nobody has more.
pub(super) const MOST_TIERS: usize = 250;

impl Document<'_> {
    pub(super) fn config(&self) -> Result<Config> {
        let table = DeTable::parse(self.text).map_err(|error| {
            let what = format!("this is no TOML: {}", error.message().trim_end());
            self.wrong(error.span().unwrap_or(0..0), &what)
        })?;
        let mut config = Config::default();
        for (key, value) in table.get_ref() {
            self.keep(self.entry(key, value, &mut config));
        }
        // What a tier has to say depends on another key.
        table.get_ref().get("tiers").and_then(|tiers| self.keep(self.tiers(tiers, &mut config)));
        self.refuse()?;
        Ok(config)
    }

    /// A key at the top.
    fn entry(&self, key: &Key<'_>, value: &Value<'_>, config: &mut Config) -> Result<()> {
        match key.get_ref().as_ref() {
            "region" => config.region = Some(self.text(value)?.to_owned()),
            "replication-shown" => config.replication_shown = self.switch(value)?,
            "fail-on" => config.fail_on = Some(self.fail_on(value)?),
            "waiver-limit" => config.waiver_limit = Some(self.count(value)?),
            ALLOWED_REGIONS => config.accepted.regions = self.words(value)?,
            "expect" => {
                let (line, column) = self.place(value.span());
                config.expect = Some(self.beside(value)?);
                config.expect_place = Some(format!("{}:{line}:{column}", self.path));
            }
            "parameters" => self.parameters(value, None, config)?,
            "rules" => self.rules(value, config)?,
            "known-values" => self.known_values(value, &mut config.accepted.values)?,
            "limits" => self.limits(value, &mut config.limits)?,
            "tiers" => {}
            "waivers" => self.waivers(value, config)?,
            name => return Err(self.unknown_at_top(key, name)),
        }
        Ok(())
    }

    /// An unknown key at the top: often a parameter, which stands one table further in.
    fn unknown_at_top(&self, key: &Key<'_>, name: &str) -> Error {
        let params = || RULES.iter().flat_map(|rule| rule.params).map(|param| param.key);
        if params().any(|param| param == name) {
            return self.wrong(key.span(), &format!("{name:?} is a parameter: put it below [parameters]"));
        }
        let (like, as_param) = (nearest(name, names(TOP)), nearest(name, params()));
        match as_param.strip_suffix('?').filter(|_| like.is_empty()) {
            Some(like) => self.wrong(key.span(), &format!("unknown key {name:?}{like} below [parameters]?")),
            None => self.unknown(key, "key", names(TOP)),
        }
    }

    fn rules(&self, value: &Value<'_>, config: &mut Config) -> Result<()> {
        for (key, value) in self.table(value)? {
            self.keep(self.of_rule(key, value, config));
        }
        Ok(())
    }

    fn of_rule(&self, key: &Key<'_>, value: &Value<'_>, config: &mut Config) -> Result<()> {
        let rule = self.rule(key.span(), key.get_ref())?;
        let table = self.table(value)?;
        if let Some(severity) = table.get("severity").and_then(|severity| self.keep(self.severity(severity))) {
            config.severities.push((rule.id, severity));
        }
        let enabled = table.get("enabled").map_or(Ok(true), |enabled| self.switch(enabled));
        match (self.keep(enabled), table.get("reason")) {
            (None, _) | (Some(true), None) => {}
            (Some(true), Some(reason)) => {
                self.keep::<()>(Err(self.wrong(reason.span(), "a reason goes with enabled = false")));
            }
            (Some(false), None) => {
                let why = format!("say why {} is off: reason = \"…\"", rule.id);
                self.keep::<()>(Err(self.wrong(key.span(), &why)));
            }
            (Some(false), Some(reason)) => {
                let off = self.keep(self.stated(reason)).map(|reason| Off { rule: rule.id, reason });
                config.off.extend(off);
            }
        }
        self.parameters(value, Some(rule), config)
    }

    fn limits(&self, value: &Value<'_>, limits: &mut Limits) -> Result<()> {
        for (key, value) in self.table(value)? {
            let known = LIMITS.iter().find(|limit| limit.key == key.get_ref().as_ref());
            let Some(limit) = known else {
                self.keep::<()>(Err(self.unknown(key, "limit", LIMITS.iter().map(|limit| limit.key))));
                continue;
            };
            let text = match value.get_ref() {
                DeValue::String(text) if limit.is_size => text.to_string(),
                DeValue::Integer(number) if number.radix() == 10 => number.as_str().replace('_', ""),
                _ => String::new(),
            };
            let set = limit.set(limits, &text);
            self.keep(set.map_err(|wanted| self.wrong(value.span(), &format!("{}: {wanted}", limit.key))));
        }
        Ok(())
    }

    /// The tiers, in the order of the text.
    fn tiers(&self, value: &Value<'_>, config: &mut Config) -> Result<()> {
        let mut tables: Vec<_> = self.table(value)?.iter().collect();
        tables.sort_by_key(|(key, _)| key.span().start);
        if let Some((key, _)) = tables.get(MOST_TIERS) {
            return Err(self.wrong(key.span(), &format!("there may be {MOST_TIERS} tiers, not more")));
        }
        for (key, value) in tables {
            config.tiers.extend(self.keep(self.tier(key, value, config.expect.is_some())));
        }
        Ok(())
    }

    /// A tier needs a criterion, unless expected resources may name it.
    fn tier(&self, key: &Key<'_>, value: &Value<'_>, expects: bool) -> Result<Tier> {
        let table = self.table(value)?;
        if !expects && !names(CRITERIA).any(|criterion| table.contains_key(criterion)) {
            let known = names(CRITERIA).collect::<Vec<_>>().join(", ");
            let what = format!("say which resources the tier means, by one of {known}");
            self.keep::<()>(Err(self.wrong(key.span(), &what)));
        }
        Ok(Tier {
            name: key.get_ref().to_string(),
            line: self.place(key.span()).0,
            resources: self.each(table, "resources", Self::pattern),
            resource_list: self.names(table, "resources-file"),
            vaults: self.each(table, "vaults", Self::pattern),
            vault_list: self.names(table, "vaults-file"),
            vault_tags: self.each(table, "vault-tags", Self::tag),
            enterprise_projects: self.each(table, "enterprise-projects", Self::pattern),
            types: self.each(table, "types", Self::kind),
            projects: self.each(table, "projects", Self::pattern),
            allowed_regions: self.each(table, ALLOWED_REGIONS, Self::stated),
            params: self.set(value, None, &[CRITERIA, DEMANDS], Origin::Tier)?,
        })
    }

    /// What stands in the list below a key; nothing without the key.
    fn each<T>(&self, table: &Table<'_>, key: &str, read: fn(&Self, &Value<'_>) -> Result<T>) -> Vec<T> {
        let list = table.get(key).and_then(|list| self.keep(self.list(list))).unwrap_or_default();
        list.iter().filter_map(|value| self.keep(read(self, value))).collect()
    }

    /// The names in the file that a key of a tier refers to; none without the key.
    fn names(&self, table: &Table<'_>, key: &str) -> NameList {
        let read = |value: &Value<'_>| {
            list::read(self.path, &self.stated(value)?).map_err(|why| self.wrong(value.span(), &why))
        };
        table.get(key).and_then(|value| self.keep(read(value))).unwrap_or_default()
    }

    /// A file, by its path from the directory of the document.
    fn beside(&self, value: &Value<'_>) -> Result<PathBuf> {
        let directory = Path::new(self.path).parent().unwrap_or(Path::new(""));
        Ok(directory.join(self.stated(value)?))
    }

    fn tag(&self, value: &Value<'_>) -> Result<TagPattern> {
        let text = self.stated(value)?;
        let line = self.place(value.span()).0;
        TagPattern::new(&text, line).map_err(|why| self.wrong(value.span(), &format!("{text:?} is no tag: {why}")))
    }

    fn kind(&self, value: &Value<'_>) -> Result<ResourceType> {
        let text = self.text(value)?;
        ResourceType::named(text).ok_or_else(|| {
            let like = nearest(text, ResourceType::ALL.iter().flat_map(|kind| [kind.word(), kind.noun()]));
            let nouns = ResourceType::ALL.iter().map(|kind| kind.noun()).collect::<Vec<_>>().join(", ");
            let known = format!("write {nouns}, or as the API does, for example OS::Nova::Server");
            self.wrong(value.span(), &format!("{text:?} is no resource type{like}; {known}"))
        })
    }

    /// Values that are known beyond the documented ones, list by list.
    fn known_values(&self, value: &Value<'_>, known: &mut KnownValues) -> Result<()> {
        for (key, value) in self.table(value)? {
            self.keep(self.words_known(key, value, known));
        }
        Ok(())
    }

    fn words_known(&self, key: &Key<'_>, value: &Value<'_>, known: &mut KnownValues) -> Result<()> {
        let Some(list) = WORD_LISTS.iter().find(|list| list.key == key.get_ref().as_ref()) else {
            return Err(self.unknown(key, "list", WORD_LISTS.iter().map(|list| list.key)));
        };
        let words = self.words(value)?;
        if let Some((word, value)) = words.iter().zip(self.list(value)?).find(|(word, _)| (list.documents)(word)) {
            let why = format!("{word:?} is a documented word and known without being named here");
            return Err(self.wrong(value.span(), &why));
        }
        known.add(list.key, words);
        Ok(())
    }

    fn pattern(&self, value: &Value<'_>) -> Result<Pattern> {
        let text = self.stated(value)?;
        Ok(Pattern::new(&text, self.place(value.span()).0))
    }

    /// Parameters, of one rule or of every rule that has them.
    fn parameters(&self, value: &Value<'_>, rule: Option<&'static Rule>, config: &mut Config) -> Result<()> {
        let others = rule.map(|_| OF_RULE);
        config.params.extend(self.set(value, rule, others.as_slice(), Origin::Configuration)?);
        Ok(())
    }

    /// The parameters in a table that may hold other keys too.
    fn set(
        &self,
        value: &Value<'_>,
        rule: Option<&'static Rule>,
        others: &[&[Entry]],
        origin: fn(usize) -> Origin,
    ) -> Result<Vec<SetParam>> {
        let is_other = |name: &str| others.iter().copied().flat_map(names).any(|other| other == name);
        let mut set = Vec::new();
        for (key, value) in self.table(value)?.iter().filter(|(key, _)| !is_other(key.get_ref())) {
            let read = self.known_parameter(key, rule, others).and_then(|param| {
                let origin = origin(self.place(key.span()).0);
                Ok(SetParam { rule: rule.map(|rule| rule.id), param, value: self.parameter(param, value)?, origin })
            });
            set.extend(self.keep(read));
        }
        Ok(set)
    }

    /// The parameter of this name, of one rule or of any.
    fn known_parameter(
        &self,
        key: &Key<'_>,
        rule: Option<&'static Rule>,
        others: &[&[Entry]],
    ) -> Result<&'static Param> {
        let name = key.get_ref().as_ref();
        let of = |rule: &'static Rule| rule.params.iter();
        let all = || RULES.iter().copied().flat_map(of);
        let own = || rule.into_iter().flat_map(of).chain(all().filter(|_| rule.is_none()));
        if let Some(param) = own().find(|param| param.key == name) {
            return Ok(param);
        }
        let own: Vec<_> = own().map(|param| param.key).collect();
        match rule.filter(|_| all().any(|param| param.key == name)) {
            Some(rule) => {
                let has = if own.is_empty() { "no parameters".to_owned() } else { own.join(", ") };
                let what = format!("{} does not have the parameter {name:?}; it has {has}", rule.id);
                Err(self.wrong(key.span(), &what))
            }
            None => {
                let known = || own.iter().copied().chain(others.iter().copied().flat_map(names));
                let like = nearest(name, known());
                let remedy = if like.is_empty() { "; `cbr-audit rules show RULE` lists those of a rule" } else { "" };
                Err(self.wrong(key.span(), &format!("unknown parameter {name:?}{like}{remedy}")))
            }
        }
    }

    fn parameter(&self, param: &Param, value: &Value<'_>) -> Result<f64> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => String::new(),
        };
        let wrong = |wanted: String| self.wrong(value.span(), &format!("{} takes {wanted}", param.key));
        param.unit.parse(&text.replace('_', "")).map_err(wrong)
    }

    fn waivers(&self, value: &Value<'_>, config: &mut Config) -> Result<()> {
        let DeValue::Array(waivers) = value.get_ref() else {
            return Err(self.wrong(value.span(), "write each waiver as a table below [[waivers]]"));
        };
        for waiver in waivers {
            config.waivers.extend(self.waiver(waiver));
        }
        Ok(())
    }

    /// A waiver, if nothing is wrong with it.
    fn waiver(&self, value: &Value<'_>) -> Option<Waiver> {
        let table = self.keep(self.table(value))?;
        let is_whole = self.has_all(value, table);
        let rule = table.get("rule").map(|rule| (self.keep(self.rule_of(rule)), self.place(rule.span()).0));
        let pattern = |key| table.get(key).map(|value| self.keep(self.pattern(value)));
        let stated = |key| table.get(key).map(|value| self.keep(self.stated(value)));
        let (subject, project) = (pattern("subject"), pattern("project"));
        let (reason, owner, ticket) = (stated("reason"), stated("owner"), stated("ticket"));
        let until = table.get("until").map(|until| self.keep(self.until(until)));
        let ((rule, line), (until, ends)) = (rule?, until??);
        let (rule, subject, reason, owner) = (rule?.id, subject??, reason??, owner??);
        let project = project.map_or(Some(None), |project| project.map(Some))?;
        let ticket = ticket.map_or(Some(None), |ticket| ticket.map(Some))?;
        is_whole.then_some(Waiver { rule, subject, project, reason, owner, ticket, until, ends, line })
    }

    /// Whether a waiver has every key that it needs and no other. What is missing may stand there under an unknown one, so
    /// these are told first.
    fn has_all(&self, value: &Value<'_>, table: &DeTable<'_>) -> bool {
        let unknown = table.keys().filter(|key| !names(OF_WAIVER).any(|known| known == key.get_ref().as_ref()));
        let unknown: Vec<_> = unknown.map(|key| self.unknown(key, "key", names(OF_WAIVER))).collect();
        let missing = OF_WAIVER.iter().filter(|entry| entry.needed && table.get(entry.name).is_none());
        let missing: Vec<_> = missing.map(|entry| format!("no {}", entry.name)).collect();
        let is_whole = unknown.is_empty() && missing.is_empty();
        if unknown.is_empty() && !missing.is_empty() {
            let them = if missing.len() == 1 { "one" } else { "them" };
            let what = format!("this waiver has {}: every waiver needs {them}", missing.join(" and "));
            self.tell(self.wrong(value.span(), &what));
        }
        unknown.into_iter().for_each(|fault| self.tell(fault));
        is_whole
    }

    fn rule_of(&self, value: &Value<'_>) -> Result<&'static Rule> {
        self.rule(value.span(), self.text(value)?)
    }

    /// A date, to the end of which something holds, or a moment.
    fn until(&self, value: &Value<'_>) -> Result<(String, jiff::Timestamp)> {
        const WANTED: &str = "write a date such as 2027-03-31, or an RFC 3339 time with its zone";
        let text = match value.get_ref() {
            DeValue::Datetime(time) => time.to_string(),
            _ => self.text(value)?.to_owned(),
        };
        let Some(stamp) = time::parse(&text).filter(|stamp| stamp.day_only || !stamp.zone_assumed) else {
            return Err(self.wrong(value.span(), &format!("{text:?} is no time: {WANTED}")));
        };
        let rest = if stamp.day_only { SignedDuration::from_hours(24) } else { SignedDuration::ZERO };
        Ok((text, stamp.time.saturating_add(rest).unwrap_or(jiff::Timestamp::MAX)))
    }

    fn rule(&self, span: Range<usize>, id: &str) -> Result<&'static Rule> {
        crate::rules::find(id).ok_or_else(|| {
            let like = nearest(id, RULES.iter().map(|rule| rule.id));
            self.wrong(span, &format!("no rule is called {id:?}{like}; see `cbr-audit rules list`"))
        })
    }

    fn fail_on(&self, value: &Value<'_>) -> Result<Option<Severity>> {
        if self.text(value)? == "none" { Ok(None) } else { self.severity(value).map(Some) }
    }

    fn severity(&self, value: &Value<'_>) -> Result<Severity> {
        let text = self.text(value)?;
        Severity::ALL.into_iter().find(|severity| severity.word() == text).ok_or_else(|| {
            let known = Severity::ALL.map(Severity::word).join(", ");
            self.wrong(value.span(), &format!("{text:?} is no severity; the severities are {known}"))
        })
    }
}
