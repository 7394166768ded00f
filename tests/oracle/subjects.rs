//! By which ids and names a waiver may mean the subject of a case.

use crate::facts::Facts;
use crate::resources::Resource;
use crate::verdict::Case;

/// A backup is also meant by its resource, and a disk of a server backup by that backup and by the server.
pub fn name(case: &mut Case, facts: &Facts, resources: &[Resource]) {
    let is_backup = facts.dump.records.contains_key(&case.id);
    let of_backup = |id: &String| -> Vec<String> {
        let resource = resources.iter().find(|resource| resource.own.contains(id));
        resource.map(|resource| resource.names.clone()).unwrap_or_default()
    };
    if is_backup {
        case.names.extend(of_backup(&case.id));
        if let Some(parent) = facts.loaded_parent(&case.id) {
            case.names.extend(of_backup(&parent));
            case.names.push(parent);
        }
    }
}
