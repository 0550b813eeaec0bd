"""Looking after an installation: backup, restore, the doctor's list, the parcel for an offline PC."""
