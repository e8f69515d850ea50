//! The instance of a scenario: a new one, or the input's with some facts overridden.

use super::fields::Spot;
use super::ground::Ground;
use super::mistake::did_you_mean;
use super::place_form::{InstanceForm, LocationForm};
use crate::flows::CONTROL_PLANE;
use crate::model::{Fact, Gap, Mode, Origin, Platform, Region};
use crate::network::{Instance, Location};
use std::collections::BTreeSet;

impl Ground<'_> {
    pub(super) fn add_instance(&mut self, form: &InstanceForm) {
        let name = form.name.as_ref().map(|spot| spot.value.as_str());
        let named = |instance: &Instance| name.is_none_or(|name| instance.name.eq_ignore_ascii_case(name));
        let of_input: Vec<usize> =
            (0..self.network.instances.len()).filter(|at| named(&self.network.instances[*at])).collect();
        let mut instance = match (&of_input[..], self.network.instances.len()) {
            ([one], _) => self.network.instances[*one].clone(),
            // The only instance of the input is the one that is meant, whatever it is called here.
            ([], 1) => self.network.instances[0].clone(),
            _ => match self.new_instance(form) {
                Some(instance) => instance,
                None => return,
            },
        };
        self.overlay(&mut instance, form);
        self.network.instances = vec![instance];
    }

    /// A new instance says at least how it stands and where.
    fn new_instance(&mut self, form: &InstanceForm) -> Option<Instance> {
        if !self.network.instances.is_empty() {
            let names = self.network.instances.iter().map(|instance| instance.name.as_str());
            let message = format!(
                "the input has several instances: say which with `name`: {}",
                super::mistake::list(names)
            );
            return self.mistakes.add(&form.origin, message);
        }
        let mode = form.mode.as_ref().map(|spot| spot.value);
        let mut missing = Vec::new();
        missing.extend(form.tier.is_none().then_some("tier"));
        missing.extend(mode.is_none().then_some("mode"));
        missing.extend(form.region.is_none().then_some("region"));
        missing.extend((form.subnet.is_none() && mode != Some(Mode::None)).then_some("subnet"));
        if !missing.is_empty() {
            let missing = super::mistake::list(missing);
            return self.mistakes.add(&form.origin, format!("`apim` needs {missing} as well"));
        }
        Some(Instance {
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
        })
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
                .add(&subnet.origin, "in mode none the instance stands in no subnet: leave `subnet` out"),
            (Some(Mode::None), None) => Some(Fact::Known(None)),
            (_, Some(subnet)) => self.subnet_id(subnet).map(|id| Fact::Known(Some(id))),
            (_, None) => None,
        }
    }

    fn location(&mut self, form: &LocationForm, mode: Option<Mode>) -> Location {
        let origin: &Origin = &form.region.origin;
        if form.subnet.is_none() && mode != Some(Mode::None) {
            self.mistakes.add::<()>(origin, "an added location needs a `subnet`");
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
        let tags = self.tags.regions_of("AzureCloud");
        let known: BTreeSet<&str> = tags
            .iter()
            .filter_map(|tag| tag.region.as_ref().map(Region::as_str))
            .chain(CONTROL_PLANE.iter().filter(|place| !place.global).map(|place| place.region))
            .collect();
        if !known.contains(region.as_str()) {
            let hint = did_you_mean(region.as_str(), known.iter().copied());
            let message = format!("`{region}` is no region of the service tag list{hint}");
            self.mistakes.add::<()>(&written.origin, message);
        }
        region.clone()
    }
}

fn unsaid<T>(what: &str) -> Fact<T> {
    Fact::Unknown(Gap::new(what))
}
