//! The instance of a scenario: a new one, or the input's with some facts overridden.

use super::fields::Spot;
use super::ground::Ground;
use super::place_form::{InstanceForm, LocationForm};
use crate::flows::known_region;
use crate::model::{Fact, Gap, Mode, Origin, Platform, Region};
use crate::network::{Instance, Location};

impl Ground<'_> {
    pub(super) fn add_instance(&mut self, form: &InstanceForm) {
        let name = form.name.as_ref().map(|spot| spot.value.as_str());
        let named = |instance: &Instance| name.is_none_or(|name| instance.name.eq_ignore_ascii_case(name));
        let of_input: Vec<usize> =
            (0..self.network.instances.len()).filter(|at| named(&self.network.instances[*at])).collect();
        let all = self.network.instances.len();
        let mut instance = match (&of_input[..], all) {
            ([one], _) => self.network.instances[*one].clone(),
            // The only instance of the input is the one that is meant, whatever it is called here.
            ([], 1) => self.network.instances[0].clone(),
            ([], 0) => {
                self.says_enough(form);
                blank(form)
            }
            _ => {
                self.which_is_not_clear(form);
                blank(form)
            }
        };
        self.overlay(&mut instance, form);
        if of_input.len() == 1 || all <= 1 {
            self.network.instances = vec![instance];
        }
    }

    fn which_is_not_clear(&mut self, form: &InstanceForm) {
        let names = self.network.instances.iter().map(|instance| instance.name.as_str());
        let message = format!(
            "the input has several instances: say which with `name`: {}",
            super::mistake::list(names)
        );
        self.mistakes.add::<()>(&form.origin, message);
    }

    /// A new instance says at least how it stands and where.
    fn says_enough(&mut self, form: &InstanceForm) {
        let mode = form.mode.as_ref().map(|spot| spot.value);
        let may_need_subnet = mode != Some(Mode::None) && !self.mistakes.touch("apim.mode");
        let mut missing = Vec::new();
        missing.extend(form.tier.is_none().then_some("tier"));
        missing.extend(mode.is_none().then_some("mode"));
        missing.extend(form.region.is_none().then_some("region"));
        missing.extend((form.subnet.is_none() && may_need_subnet).then_some("subnet"));
        missing.retain(|key| !self.mistakes.touch("input") && !self.mistakes.touch(&format!("apim.{key}")));
        if !missing.is_empty() {
            let missing = super::mistake::list(missing);
            self.mistakes.note::<()>(&form.origin, format!("`apim` needs {missing} as well"));
        }
    }

    fn overlay(&mut self, instance: &mut Instance, form: &InstanceForm) {
        if let Some(name) = &form.name {
            instance.name.clone_from(&name.value);
        }
        if let Some(tier) = &form.tier {
            instance.tier = Fact::Known(tier.value);
        }
        if let Some(mode) = &form.mode {
            instance.mode = Fact::Known(mode.value);
        }
        if let Some(platform) = &form.platform {
            instance.platform = platform.value;
        }
        if let Some(units) = form.units {
            instance.primary.units = Fact::Known(units);
        }
        if let Some(region) = &form.region {
            let region = self.region(region);
            // What the scenario says of the region tells the cloud, before what the input says.
            self.network.regions.insert(0, region.clone());
            instance.primary.region = Fact::Known(region);
        }
        if let Some(subnet) = self.subnet_of(instance.mode.known(), form.subnet.as_ref()) {
            instance.primary.subnet = subnet;
        }
        if let Some(locations) = &form.locations {
            let mode = instance.mode.known().copied();
            instance.added = locations.iter().map(|form| self.location(form, mode)).collect();
        }
        for feature in &form.features {
            let name = feature.to_string();
            if !instance.features.contains(&name) {
                instance.features.push(name);
            }
        }
    }

    fn subnet_of(
        &mut self,
        mode: Option<&Mode>,
        subnet: Option<&Spot<String>>,
    ) -> Option<Fact<Option<crate::model::ResourceId>>> {
        match (mode, subnet) {
            (Some(Mode::None), Some(subnet)) => self
                .mistakes
                .note(&subnet.origin, "in mode none the instance stands in no subnet: leave `subnet` out"),
            (Some(Mode::None), None) => Some(Fact::Known(None)),
            (_, Some(subnet)) => self.subnet_id(subnet).map(|id| Fact::Known(Some(id))),
            (_, None) => None,
        }
    }

    fn location(&mut self, form: &LocationForm, mode: Option<Mode>) -> Location {
        let origin: &Origin = &form.region.origin;
        let path = origin.path.strip_suffix("region").unwrap_or_default();
        let is_lost = self.mistakes.touch(&format!("{path}subnet")) || self.mistakes.touch("apim.mode");
        if form.subnet.is_none() && mode != Some(Mode::None) && !is_lost {
            self.mistakes.note::<()>(origin, "an added location needs a `subnet`");
        }
        Location {
            region: Fact::Known(self.region(&form.region)),
            subnet: self.subnet_of(mode.as_ref(), form.subnet.as_ref()).unwrap_or(Fact::Known(None)),
            units: Fact::Known(form.units.unwrap_or(1)),
            origin: origin.clone(),
        }
    }

    /// A region must be one of the tag list's, or every regional tag would be looked up in vain.
    fn region(&mut self, written: &Spot<Region>) -> Region {
        let region = &written.value;
        if let Some(error) = known_region(region, self.tags).err().filter(|_| !self.mistakes.touch("tags")) {
            self.mistakes.add::<()>(&written.origin, error.to_string());
        }
        region.clone()
    }
}

fn unsaid<T>(what: &str) -> Fact<T> {
    Fact::Unknown(Gap::new(what))
}

/// An instance of which nothing is said yet.
fn blank(form: &InstanceForm) -> Instance {
    Instance {
        name: "apim".to_owned(),
        tier: unsaid("the tier"),
        mode: unsaid("the mode"),
        platform: Platform::Stv2,
        primary: Location {
            region: unsaid("the region"),
            subnet: Fact::Known(None),
            units: Fact::Known(1),
            origin: form.origin.clone(),
        },
        added: Vec::new(),
        added_gap: None,
        features: Vec::new(),
        doubt: None,
        origin: form.origin.clone(),
    }
}
