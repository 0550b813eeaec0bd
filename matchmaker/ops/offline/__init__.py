"""What lies beside the wheels in the parcel for an offline PC; copied as it is by matchmaker.ops.bundle."""
