//! TOML to a configuration, key by key.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};
use jiff::SignedDuration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
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

type Table<'t> = DeTable<'t>;
type Value<'t> = Spanned<DeValue<'t>>;
type Key<'t> = Spanned<Cow<'t, str>>;

/// The number of a tier is a byte in memory, and nobody has more.
pub(super) const MOST_TIERS: usize = 250;

/// The document that is read.
pub(super) struct Document<'t> {
    pub(super) path: &'t str,
    pub(super) text: &'t str,
}

impl Document<'_> {
    pub(super) fn config(&self) -> Result<Config> {
        let table = DeTable::parse(self.text)
            .map_err(|error| self.wrong(error.span().unwrap_or(0..0), error.message().trim_end()))?;
        let mut config = Config::default();
        for (key, value) in table.get_ref() {
            match key.get_ref().as_ref() {
                "region" => config.region = Some(self.text(value)?.to_owned()),
                "replication-shown" => config.replication_shown = self.switch(value)?,
                "fail-on" => config.fail_on = Some(self.fail_on(value)?),
                "waiver-limit" => config.waiver_limit = Some(self.count(value)?),
                ALLOWED_REGIONS => config.accepted.regions = self.words(value)?,
                "expect" => config.expect = Some(self.beside(value)?),
                "parameters" => self.parameters(value, None, &mut config)?,
                "rules" => self.rules(value, &mut config)?,
                "known-values" => self.known_values(value, &mut config.accepted.values)?,
                "limits" => self.limits(value, &mut config.limits)?,
                "tiers" => {}
                "waivers" => self.waivers(value, &mut config)?,
                _ => return Err(self.unknown(key, "key", names(TOP))),
            }
        }
        // What a tier has to say depends on another key.
        table.get_ref().get("tiers").map_or(Ok(()), |tiers| self.tiers(tiers, &mut config))?;
        Ok(config)
    }

    fn rules(&self, value: &Value<'_>, config: &mut Config) -> Result<()> {
        for (key, value) in self.table(value)? {
            let rule = self.rule(key.span(), key.get_ref())?;
            let table = self.table(value)?;
            if let Some(severity) = table.get("severity") {
                config.severities.push((rule.id, self.severity(severity)?));
            }
            let enabled = table.get("enabled").map_or(Ok(true), |enabled| self.switch(enabled))?;
            match (enabled, table.get("reason")) {
                (true, None) => {}
                (true, Some(reason)) => return Err(self.wrong(reason.span(), "a reason goes with enabled = false")),
                (false, None) => {
                    let why = format!("say why {} is off: reason = \"…\"", rule.id);
                    return Err(self.wrong(key.span(), &why));
                }
                (false, Some(reason)) => config.off.push(Off { rule: rule.id, reason: self.stated(reason)? }),
            }
            self.parameters(value, Some(rule), config)?;
        }
        Ok(())
    }

    fn limits(&self, value: &Value<'_>, limits: &mut Limits) -> Result<()> {
        for (key, value) in self.table(value)? {
            let Some(limit) = LIMITS.iter().find(|limit| limit.key == key.get_ref().as_ref()) else {
                return Err(self.unknown(key, "limit", LIMITS.iter().map(|limit| limit.key)));
            };
            let text = match value.get_ref() {
                DeValue::String(text) if limit.is_size => text.to_string(),
                DeValue::Integer(number) if number.radix() == 10 => number.as_str().replace('_', ""),
                _ => String::new(),
            };
            let set = limit.set(limits, &text);
            set.map_err(|wanted| self.wrong(value.span(), &format!("{}: {wanted}", limit.key)))?;
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
            let tier = self.tier(key, value, config.expect.is_some())?;
            config.tiers.push(tier);
        }
        Ok(())
    }

    /// A tier needs a criterion, unless expected resources may name it.
    fn tier(&self, key: &Key<'_>, value: &Value<'_>, expects: bool) -> Result<Tier> {
        let table = self.table(value)?;
        if !expects && !names(CRITERIA).any(|criterion| table.contains_key(criterion)) {
            let known = names(CRITERIA).collect::<Vec<_>>().join(", ");
            return Err(self.wrong(key.span(), &format!("say which resources the tier means, by one of {known}")));
        }
        let list = |name: &str| table.get(name).map_or(Ok(Vec::new()), |list| self.patterns(list));
        Ok(Tier {
            name: key.get_ref().to_string(),
            line: self.place(key.span()).0,
            resources: list("resources")?,
            resource_list: self.names(table, "resources-file")?,
            vaults: list("vaults")?,
            vault_list: self.names(table, "vaults-file")?,
            vault_tags: table.get("vault-tags").map_or(Ok(Vec::new()), |tags| self.tags(tags))?,
            enterprise_projects: list("enterprise-projects")?,
            types: table.get("types").map_or(Ok(Vec::new()), |types| self.types(types))?,
            projects: list("projects")?,
            allowed_regions: table.get(ALLOWED_REGIONS).map_or(Ok(Vec::new()), |regions| self.words(regions))?,
            params: self.set(value, None, &[CRITERIA, DEMANDS], Origin::Tier)?,
        })
    }

    /// The names in the file that a key of a tier refers to; none without the key.
    fn names(&self, table: &Table<'_>, key: &str) -> Result<NameList> {
        let Some(value) = table.get(key) else { return Ok(NameList::default()) };
        list::read(self.path, &self.stated(value)?).map_err(|why| self.wrong(value.span(), &why))
    }

    /// A file, by its path from the directory of the document.
    fn beside(&self, value: &Value<'_>) -> Result<PathBuf> {
        let directory = Path::new(self.path).parent().unwrap_or(Path::new(""));
        Ok(directory.join(self.stated(value)?))
    }

    fn patterns(&self, value: &Value<'_>) -> Result<Vec<Pattern>> {
        self.list(value)?.iter().map(|pattern| self.pattern(pattern)).collect()
    }

    fn tags(&self, value: &Value<'_>) -> Result<Vec<TagPattern>> {
        let tag = |value: &Value<'_>| {
            let text = self.stated(value)?;
            let line = self.place(value.span()).0;
            TagPattern::new(&text, line).map_err(|why| self.wrong(value.span(), &format!("{text:?} is no tag: {why}")))
        };
        self.list(value)?.iter().map(tag).collect()
    }

    fn types(&self, value: &Value<'_>) -> Result<Vec<ResourceType>> {
        let kind = |value: &Value<'_>| {
            let text = self.text(value)?;
            ResourceType::from_word(text).ok_or_else(|| {
                let known = "write it as the API does, for example OS::Nova::Server";
                self.wrong(value.span(), &format!("{text:?} is no resource type; {known}"))
            })
        };
        self.list(value)?.iter().map(kind).collect()
    }

    /// Values that are known beyond the documented ones, list by list.
    fn known_values(&self, value: &Value<'_>, known: &mut KnownValues) -> Result<()> {
        for (key, value) in self.table(value)? {
            let Some(list) = WORD_LISTS.iter().find(|list| list.key == key.get_ref().as_ref()) else {
                return Err(self.unknown(key, "list", WORD_LISTS.iter().map(|list| list.key)));
            };
            let words = self.words(value)?;
            if let Some((word, value)) = words.iter().zip(self.list(value)?).find(|(word, _)| (list.documents)(word)) {
                let why = format!("{word:?} is a documented word and known without being named here");
                return Err(self.wrong(value.span(), &why));
            }
            known.add(list.key, words);
        }
        Ok(())
    }

    fn words(&self, value: &Value<'_>) -> Result<Vec<String>> {
        self.list(value)?.iter().map(|word| self.stated(word)).collect()
    }

    /// A list that is not empty.
    fn list<'v, 't>(&self, value: &'v Value<'t>) -> Result<&'v [Value<'t>]> {
        match value.get_ref().as_array() {
            Some(list) if !list.is_empty() => Ok(list),
            _ => Err(self.wrong(value.span(), "write a list of texts, for example [\"db-*\"]")),
        }
    }

    fn pattern(&self, value: &Value<'_>) -> Result<Pattern> {
        let text = self.stated(value)?;
        let line = self.place(value.span()).0;
        Pattern::new(&text, line).map_err(|why| self.wrong(value.span(), &format!("{text:?} is no pattern: {why}")))
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
        let others = || others.iter().copied().flat_map(names);
        let mut set = Vec::new();
        for (key, value) in self.table(value)? {
            if others().any(|other| other == key.get_ref().as_ref()) {
                continue;
            }
            let params = || {
                RULES.iter().filter(|other| rule.is_none_or(|rule| rule.id == other.id)).flat_map(|rule| rule.params)
            };
            let Some(param) = params().find(|param| param.key == key.get_ref().as_ref()) else {
                let known = params().map(|param| param.key).chain(others());
                return Err(self.unknown(key, "parameter", known));
            };
            let value = self.parameter(param, value)?;
            let origin = origin(self.place(key.span()).0);
            set.push(SetParam { rule: rule.map(|rule| rule.id), param, value, origin });
        }
        Ok(set)
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
            let read = self.waiver(waiver)?;
            config.waivers.push(read);
        }
        Ok(())
    }

    fn waiver(&self, value: &Value<'_>) -> Result<Waiver> {
        let table = self.table(value)?;
        for key in table.keys() {
            if !names(OF_WAIVER).any(|known| known == key.get_ref().as_ref()) {
                return Err(self.unknown(key, "key", names(OF_WAIVER)));
            }
        }
        let given = |key: &str| {
            let missing = || self.wrong(value.span(), &format!("this waiver has no {key}: every waiver needs one"));
            table.get(key).ok_or_else(missing)
        };
        let rule = given("rule")?;
        let (until, ends) = self.until(given("until")?)?;
        Ok(Waiver {
            rule: self.rule(rule.span(), self.text(rule)?)?.id,
            subject: self.pattern(given("subject")?)?,
            project: table.get("project").map(|project| self.pattern(project)).transpose()?,
            reason: self.stated(given("reason")?)?,
            owner: self.stated(given("owner")?)?,
            ticket: table.get("ticket").map(|ticket| self.stated(ticket)).transpose()?,
            until,
            ends,
            line: self.place(rule.span()).0,
        })
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

    fn count(&self, value: &Value<'_>) -> Result<u64> {
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.ok_or_else(|| self.wrong(value.span(), "write a whole number"))
    }

    fn switch(&self, value: &Value<'_>) -> Result<bool> {
        value.get_ref().as_bool().ok_or_else(|| self.wrong(value.span(), "write true or false"))
    }

    fn text<'v>(&self, value: &'v Value<'_>) -> Result<&'v str> {
        value.get_ref().as_str().ok_or_else(|| self.wrong(value.span(), "write a text in quotes"))
    }

    /// A text that says something.
    fn stated(&self, value: &Value<'_>) -> Result<String> {
        let text = self.text(value)?.trim();
        if text.is_empty() { Err(self.wrong(value.span(), "this may not be empty")) } else { Ok(text.to_owned()) }
    }

    fn table<'v, 't>(&self, value: &'v Value<'t>) -> Result<&'v Table<'t>> {
        value.get_ref().as_table().ok_or_else(|| self.wrong(value.span(), "a table is wanted here"))
    }

    fn unknown<'n>(&self, key: &Key<'_>, what: &str, known: impl Iterator<Item = &'n str>) -> Error {
        let name = key.get_ref().as_ref();
        self.wrong(key.span(), &format!("unknown {what} {name:?}{}", nearest(name, known)))
    }

    /// An error at a place of the document.
    fn wrong(&self, span: Range<usize>, what: &str) -> Error {
        let (line, column) = self.place(span);
        anyhow!("{}:{line}:{column}: {what}", self.path)
    }

    /// Line and column of a place.
    fn place(&self, span: Range<usize>) -> (usize, usize) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }
}
