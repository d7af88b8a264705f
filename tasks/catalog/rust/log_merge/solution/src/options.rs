//! The arguments.

use crate::stamp::{Stamp, Time};

/// What is asked for.
#[derive(Default)]
pub struct Options<'a> {
    pub names: Vec<&'a str>,
    pub from: Option<Time>,
    pub until: Option<Time>,
    pub dedup: bool,
    pub tag: bool,
    pub utc: bool,
}

impl<'a> Options<'a> {
    /// Reads arguments, or returns what is wrong with them.
    pub fn read(args: &[&'a str]) -> Result<Self, String> {
        let mut options = Options::default();
        let mut args = args.iter().copied();
        while let Some(arg) = args.next() {
            if arg == "--" {
                options.names.extend(args.by_ref());
            } else if arg.starts_with('-') && arg != "-" {
                options.set(arg, &mut args)?;
            } else {
                options.names.push(arg);
            }
        }
        if options.names.is_empty() {
            return Err("expected the name of an input".into());
        }
        Ok(options)
    }

    fn set(&mut self, arg: &str, rest: &mut dyn Iterator<Item = &'a str>) -> Result<(), String> {
        match arg.split_once('=').unwrap_or((arg, "")).0 {
            "--from" => set_time(&mut self.from, arg, rest),
            "--until" => set_time(&mut self.until, arg, rest),
            _ => {
                let flag = match arg {
                    "--dedup" => &mut self.dedup,
                    "--tag" => &mut self.tag,
                    "--utc" => &mut self.utc,
                    _ => return Err(format!("{arg:?} is no option")),
                };
                if *flag {
                    return Err(format!("{arg} is given twice"));
                }
                *flag = true;
                Ok(())
            }
        }
    }
}

fn set_time<'a>(
    slot: &mut Option<Time>,
    arg: &str,
    rest: &mut dyn Iterator<Item = &'a str>,
) -> Result<(), String> {
    let value = arg.split_once('=').map(|(_, value)| value);
    let value = value.or_else(|| rest.next());
    let stamp = value.and_then(Stamp::parse);
    let time = stamp
        .ok_or_else(|| format!("{arg}: expected a stamp"))?
        .time;
    if slot.replace(time).is_some() {
        return Err(format!("{arg} is given twice"));
    }
    Ok(())
}
