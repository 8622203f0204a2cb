{{ union_all_by_name([
    ref('charge_shape'),
    ref('aws_cur_charges'),
    ref('azure_charges'),
    ref('gcp_charges'),
    ref('oci_charges'),
    ref('alibaba_charges'),
    ref('focus_charges'),
]) }}
